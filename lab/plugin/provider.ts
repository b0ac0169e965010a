/** Answers the engine's requests about resources and functions. */
import * as grpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Api } from "./api";
import { check, type Problem } from "./check";
import { dnsRecord } from "./dnsRecord";
import {
  getAccountApiTokenPermissionGroupsList,
  getAccountToken,
  getApiToken,
  getApiTokenPermissionGroupsList,
  getDnsRecords,
  getZone,
  type Lookup,
} from "./lookups";
import { type Change, create, difference, inputsOf, plan, type Resource, read, remove, update } from "./resource";
import { accountToken, apiToken } from "./token";
import { fromStruct, type Properties, secret, toStruct } from "./value";

/** Every resource type and function of the stand-in, by the tokens of @pulumi/cloudflare. */
const resources = new Map<string, Resource>([
  ["cloudflare:index/dnsRecord:DnsRecord", dnsRecord],
  ["cloudflare:index/apiToken:ApiToken", apiToken],
  ["cloudflare:index/accountToken:AccountToken", accountToken],
]);

const lookups = new Map<string, Lookup>([
  ["cloudflare:index/getZone:getZone", getZone],
  ["cloudflare:index/getDnsRecords:getDnsRecords", getDnsRecords],
  ["cloudflare:index/getApiToken:getApiToken", getApiToken],
  ["cloudflare:index/getAccountToken:getAccountToken", getAccountToken],
  ["cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList", getApiTokenPermissionGroupsList],
  [
    "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList",
    getAccountApiTokenPermissionGroupsList,
  ],
]);

/** A URN is urn:pulumi:stack::project::parents'$type::name. */
const resourceOf = (urn: string): Resource => {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  return known(resources, type, "resource type");
};

const lookupOf = (token: string): Lookup => known(lookups, token, "function");

const known = <Item>(items: Map<string, Item>, token: string, kind: string): Item => {
  const item = items.get(token);
  if (!item) {
    throw new Error(
      `${kind} must be one of the lab's stand-in for the Cloudflare plugin, got ${token} (known: ${[...items.keys()].join(", ")})`,
    );
  }
  return item;
};

export const failures = (problems: Problem[]): grpc.CheckFailure[] =>
  problems.map(({ property, reason }) => new grpc.CheckFailure().setProperty(property).setReason(reason));

const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = grpc.PropertyDiff.Kind;
const kinds = { add: [ADD, ADD_REPLACE], delete: [DELETE, DELETE_REPLACE], update: [UPDATE, UPDATE_REPLACE] } as const;

export const diffResponse = (changes: Change[]): grpc.DiffResponse => {
  const { DIFF_NONE, DIFF_SOME } = grpc.DiffResponse.DiffChanges;
  const response = new grpc.DiffResponse()
    .setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(changes.map(({ name }) => name))
    .setReplacesList(changes.filter(({ replaces }) => replaces).map(({ name }) => name))
    .setHasdetaileddiff(true);
  for (const { name, kind, replaces } of changes) {
    const diff = new grpc.PropertyDiff().setKind(kinds[kind][replaces ? 1 : 0]);
    response.getDetaileddiffMap().set(name, diff);
  }
  return response;
};

/** The state for the engine, with its secrets marked. */
const kept = (resource: Resource, state: Properties) =>
  toStruct({
    ...state,
    ...Object.fromEntries(resource.secrets.map((name) => [name, state[name] && secret(state[name])])),
  });

export class Provider {
  constructor(private readonly api: Api) {}

  check(request: grpc.CheckRequest): grpc.CheckResponse {
    const problems = check(resourceOf(request.getUrn()).inputs, fromStruct(request.getNews()));
    return new grpc.CheckResponse().setInputs(request.getNews()).setFailuresList(failures(problems));
  }

  diff(request: grpc.DiffRequest): grpc.DiffResponse {
    const ignored = request.getIgnorechangesList();
    const changes = difference(
      resourceOf(request.getUrn()),
      fromStruct(request.getOlds()),
      fromStruct(request.getNews()),
    );
    return diffResponse(changes.filter(({ name }) => !ignored.includes(name)));
  }

  async create(request: grpc.CreateRequest): Promise<grpc.CreateResponse> {
    const resource = resourceOf(request.getUrn());
    const inputs = fromStruct(request.getProperties());
    if (request.getPreview()) return new grpc.CreateResponse().setProperties(kept(resource, plan(resource, inputs)));
    const { id, state } = await create(resource, this.api, inputs);
    return new grpc.CreateResponse().setId(id).setProperties(kept(resource, state));
  }

  /** Reads for a refresh, with the state, or for an import, with the id alone. */
  async read(request: grpc.ReadRequest): Promise<grpc.ReadResponse> {
    const resource = resourceOf(request.getUrn());
    const state = fromStruct(request.getProperties());
    const isKnown = Object.keys(state).length > 0;
    const existing = isKnown ? { id: request.getId(), state } : imported(resource, request.getId());
    const found = await read(resource, this.api, existing);
    // An answer without an id tells the engine that it is gone.
    if (!found) return new grpc.ReadResponse();
    return new grpc.ReadResponse()
      .setId(found.id)
      .setProperties(kept(resource, found.state))
      .setInputs(toStruct(inputsOf(resource, found.state, fromStruct(request.getInputs()))));
  }

  async update(request: grpc.UpdateRequest): Promise<grpc.UpdateResponse> {
    const resource = resourceOf(request.getUrn());
    const existing = { id: request.getId(), state: fromStruct(request.getOlds()) };
    const inputs = fromStruct(request.getNews());
    const state = request.getPreview()
      ? plan(resource, inputs, existing.state)
      : await update(resource, this.api, existing, inputs);
    return new grpc.UpdateResponse().setProperties(kept(resource, state));
  }

  async delete(request: grpc.DeleteRequest): Promise<Empty> {
    const existing = { id: request.getId(), state: fromStruct(request.getProperties()) };
    await remove(resourceOf(request.getUrn()), this.api, existing);
    return new Empty();
  }

  async invoke(request: grpc.InvokeRequest): Promise<grpc.InvokeResponse> {
    const lookup = lookupOf(request.getTok());
    const inputs = fromStruct(request.getArgs());
    const problems = check(lookup.inputs, inputs);
    if (problems.length > 0) return new grpc.InvokeResponse().setFailuresList(failures(problems));
    return new grpc.InvokeResponse().setReturn(toStruct(await lookup.answer(this.api, inputs)));
  }
}

const imported = (resource: Resource, id: string) => {
  const parts = id.split("/");
  if (parts.length !== resource.importId.length) {
    throw new Error(`invalid ID: expected ${resource.importId.map((part) => `<${part}>`).join("/")}, got "${id}"`);
  }
  const state = Object.fromEntries(resource.importId.slice(0, -1).map((part, index) => [part, parts[index]]));
  return { id: parts.at(-1) ?? id, state };
};
