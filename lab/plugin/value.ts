/** What crosses the wire to and from the engine: JSON, with marks for secrets and for what a preview cannot know. */
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Value = null | boolean | number | string | Value[] | Properties;
export type Properties = { [name: string]: Value | undefined };

/** Stands for a value that a preview cannot know yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export const isProperties = (value: Value | undefined): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value with the engine's mark for secrets, so that it is encrypted in the state and hidden in the output. */
export const secret = (value: Value): Properties => ({ [signature]: secretSignature, value });

/** The value without any such marks. */
export function plain(value: Value): Value {
  if (Array.isArray(value)) return value.map(plain);
  if (!isProperties(value)) return value;
  if (value[signature] === secretSignature) return plain(value.value ?? null);
  return Object.fromEntries(present(value).map(([name, inner]) => [name, plain(inner)]));
}

/** The properties that have a value. */
export const present = (properties: Properties): [string, Value][] =>
  Object.entries(properties).filter((entry): entry is [string, Value] => entry[1] !== undefined);

export function fromStruct(struct: Struct | undefined): Properties {
  const value = plain((struct?.toJavaScript() ?? {}) as Properties); // a Struct holds nothing but JSON
  return isProperties(value) ? value : {};
}

/** Null counts as absent: it is how the API and the engine say that there is nothing. */
export const toStruct = (properties: Properties): Struct =>
  Struct.fromJavaScript(
    Object.fromEntries(present(properties).filter(([, value]) => value !== null)) as {
      [name: string]: JavaScriptValue;
    },
  );
