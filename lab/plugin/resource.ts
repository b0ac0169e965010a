/** What the plugin must know of a type of resource. All types are compared, made, read, replaced and deleted in the same way. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { type Api, ApiError } from "./api";
import { isProperties, type Properties, present, unknown, type Value } from "./value";

export interface Resource {
  /** What programs may give. */
  inputs: z.ZodObject;
  /** What holds where programs give nothing. */
  defaults: Properties;
  /** What the API adds or fills in. */
  computed: readonly string[];
  /** What of it an update leaves as it is, so that previews know it. */
  stable: readonly string[];
  secrets: readonly string[];
  /** A change of these makes another resource. */
  replaceOn: readonly string[];
  /** The parts of the id that `pulumi import` takes; the last is the id itself. */
  importId: readonly string[];
  /** The path of the collection that it is in. */
  collection(properties: Properties): string;
  /** The body of the request that makes it, or replaces it when there is a state. */
  request(inputs: Properties, state?: Properties): Value;
  /** The state that an answer of the API means, given the inputs or state that led to the request. */
  state(result: Properties, known: Properties): Properties;
  /** Whether the API's answer means that it is there no more. */
  gone(result: Properties): boolean;
  /** Whether what was given for a property is what the state has for it. */
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

/** Undefined when it is there no more. */
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

/** Unlike when reading, to find nothing is an error: that is how the provider has it. */
export const remove = async (resource: Resource, api: Api, existing: Existing): Promise<void> => {
  await api.request("delete", path(resource, existing));
};

/** The state to come, as far as a preview knows it. */
export const plan = (resource: Resource, inputs: Properties, state?: Properties): Properties => {
  const computed = resource.computed.map((name): [string, Value | undefined] => [
    name,
    state && resource.stable.includes(name) ? state[name] : unknown,
  ]);
  return { ...Object.fromEntries(computed), ...resource.defaults, ...inputs };
};

/** The inputs that would lead to this state: those that were given before, or all that are worth giving. */
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

/** What was given is what is kept, however the API spells it; but it has the last word on what it also computes. */
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

/** What would change if the program's inputs were put in place of the state. */
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
    // What the API fills in by itself is no change where the program says nothing.
    return had === undefined || resource.computed.includes(name) ? undefined : "delete";
  }
  if (had === undefined) return "add";
  return resource.same(name, given, state) ? undefined : "update";
};
