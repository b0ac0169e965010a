/** What the plugin must know about a resource type. All types are compared, made, read, replaced and deleted in the same way. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { type Api, ApiError } from "./api";
import { isProperties, type Properties, present, unknown, type Value } from "./value";

export interface Resource {
  /** Inputs that programs may set. */
  inputs: z.ZodObject;
  /** Defaults of the inputs. */
  defaults: Properties;
  /** Outputs that the API adds or fills in. */
  computed: readonly string[];
  /** Outputs that an update does not change, so that previews know them. */
  stable: readonly string[];
  secrets: readonly string[];
  /** Inputs whose change replaces the resource. */
  replaceOn: readonly string[];
  /** The parts of the id that `pulumi import` takes; the last is the id itself. */
  importId: readonly string[];
  /** The path of its collection. */
  collection(properties: Properties): string;
  /** The body of the request that creates it, or replaces it when there is a state. */
  request(inputs: Properties, state?: Properties): Value;
  /** The state of an answer, given the inputs or the state that led to the request. */
  state(result: Properties, known: Properties): Properties;
  /** Whether the API's answer means that it no longer exists. */
  gone(result: Properties): boolean;
  /** Whether the given value of a property is the one in the state. */
  same(name: string, given: Value, state: Properties): boolean;
}

export interface Existing {
  id: string;
  state: Properties;
}

export const create = async (resource: Resource, api: Api, inputs: Properties): Promise<Existing> => {
  const result = await ask(api, "post", resource.collection(inputs), resource.request(inputs));
  return { id: String(result.id), state: { ...resource.state(result, inputs), ...settled(resource, inputs) } };
};

/** Undefined when it no longer exists. */
export const read = async (resource: Resource, api: Api, existing: Existing): Promise<Existing | undefined> => {
  try {
    const result = await ask(api, "get", path(resource, existing));
    return resource.gone(result) ? undefined : { id: existing.id, state: resource.state(result, existing.state) };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
};

export const update = async (
  resource: Resource,
  api: Api,
  existing: Existing,
  inputs: Properties,
): Promise<Properties> => {
  const result = await ask(api, "put", path(resource, existing), resource.request(inputs, existing.state));
  const secrets = Object.fromEntries(resource.secrets.map((name) => [name, existing.state[name]]));
  return { ...resource.state(result, { ...inputs, ...secrets }), ...settled(resource, inputs) };
};

/** Here it is an error to find nothing, as in the provider. A read takes it as gone. */
export const remove = async (resource: Resource, api: Api, existing: Existing): Promise<void> => {
  await api.request("delete", path(resource, existing));
};

/** The future state, as far as a preview knows it. */
export const plan = (resource: Resource, inputs: Properties, state?: Properties): Properties => {
  const computed = resource.computed.map((name): [string, Value | undefined] => [
    name,
    state && resource.stable.includes(name) ? state[name] : unknown,
  ]);
  return { ...Object.fromEntries(computed), ...resource.defaults, ...inputs };
};

/** The inputs of a state: those that were given before or, for an import, all that differ from the defaults. */
export const inputsOf = (resource: Resource, state: Properties, before: Properties): Properties => {
  const isImport = Object.keys(before).length === 0;
  const names = isImport ? Object.keys(resource.inputs.shape) : Object.keys(before);
  const inputs = names.map((name): [string, Value | undefined] => {
    const given = before[name];
    const isSame = given !== undefined && resource.same(name, given, state);
    return [name, isSame ? given : (state[name] ?? undefined)];
  });
  return Object.fromEntries(
    inputs.filter(
      ([name, value]) => !isImport || !(isEmpty(value) || isDeepStrictEqual(value, resource.defaults[name])),
    ),
  );
};

const isEmpty = (value: Value | undefined): boolean =>
  value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);

/** Given values are kept, however the API spells them. Values that the API computes as well are the API's. */
const settled = (resource: Resource, inputs: Properties): Properties =>
  Object.fromEntries(present(inputs).filter(([name]) => !resource.computed.includes(name)));

const path = (resource: Resource, { id, state }: Existing): string => `${resource.collection(state)}/${id}`;

const ask = async (api: Api, method: "get" | "post" | "put", path: string, body?: Value): Promise<Properties> => {
  const result = await api.request(method, path, body === undefined ? {} : { body });
  if (!isProperties(result)) throw new Error(`failed to deserialize http request: no object in the answer to ${path}`);
  return result;
};

export interface Change {
  name: string;
  kind: "add" | "delete" | "update";
  replaces: boolean;
}

/** What changes when the program's inputs replace the state. */
export const difference = (resource: Resource, state: Properties, inputs: Properties): Change[] => {
  return Object.keys(resource.inputs.shape).flatMap((name) => {
    const given = inputs[name] ?? resource.defaults[name];
    const kind = kindOf(resource, name, given, state);
    return kind ? [{ name, kind, replaces: resource.replaceOn.includes(name) }] : [];
  });
};

const kindOf = (resource: Resource, name: string, given: Value | undefined, state: Properties) => {
  const had = state[name] ?? undefined;
  if (given === undefined) {
    // A value that the API fills in is no change when the program sets none.
    return had === undefined || resource.computed.includes(name) ? undefined : "delete";
  }
  if (had === undefined) return "add";
  return resource.same(name, given, state) ? undefined : "update";
};
