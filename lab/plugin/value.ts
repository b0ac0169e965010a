/** JSON values as they cross the wire. The engine's have marks for secrets and for unknown values. The API's have its own spelling. */
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Value = null | boolean | number | string | Value[] | Properties;
export type Properties = { [name: string]: Value | undefined };

/** A value that a preview cannot know yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export const isProperties = (value: Value | undefined): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value with the engine's mark for secrets, so that it is encrypted in the state and hidden in the output. */
export const secret = (value: Value): Properties => ({ [signature]: secretSignature, value });

/** The value without such marks. */
export const plain = (value: Value): Value => {
  if (Array.isArray(value)) return value.map(plain);
  if (!isProperties(value)) return value;
  if (value[signature] === secretSignature) return plain(value.value ?? null);
  return Object.fromEntries(present(value).map(([name, inner]) => [name, plain(inner)]));
};

/** The properties that have a value. */
export const present = (properties: Properties): [string, Value][] =>
  Object.entries(properties).filter((entry): entry is [string, Value] => entry[1] !== undefined);

export const fromStruct = (struct: Struct | undefined): Properties => {
  const value = plain((struct?.toJavaScript() ?? {}) as Properties); // a Struct holds nothing but JSON
  return isProperties(value) ? value : {};
};

/** Null counts as absent, because the API and the engine use it so. */
export const toStruct = (properties: Properties): Struct =>
  Struct.fromJavaScript(
    Object.fromEntries(present(properties).filter(([, value]) => value !== null)) as {
      [name: string]: JavaScriptValue;
    },
  );

/** Whether a value contains everything that was given. The API may have filled in more. */
export const covers = (given: Value, had: Value | undefined): boolean => {
  if (Array.isArray(given)) {
    return Array.isArray(had) && had.length === given.length && given.every((item, index) => covers(item, had[index]));
  }
  if (isProperties(given)) {
    return isProperties(had) && present(given).every(([name, inner]) => covers(inner, had[name]));
  }
  return given === had;
};

/** Pulumi's zoneId is the API's zone_id. */
const renamed = (value: Value, rename: (name: string) => string): Value => {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isProperties(value)) return value;
  const entries = present(value).map(([name, inner]): [string, Value] => [rename(name), renamed(inner, rename)]);
  // Sorted, as in the provider's own JSON.
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

// Pulumi names lists in the plural. The API does not always.
const plurals: Record<string, string> = { ins: "in", not_ins: "not_in" };
const singulars: Record<string, string> = { in: "ins", not_in: "notIns" };

export const toApi = (value: Value): Value =>
  renamed(value, (name) => {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return plurals[snake] ?? snake;
  });

export const fromApi = (value: Value): Value =>
  renamed(value, (name) => singulars[name] ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
