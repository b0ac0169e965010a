/** What would change if the program's inputs were put in place of the state. */
import type { Resource } from "./resource";
import type { Properties, Value } from "./value";

export interface Change {
  name: string;
  kind: "add" | "delete" | "update";
  replaces: boolean;
}

export function difference(resource: Resource, state: Properties, inputs: Properties): Change[] {
  return Object.keys(resource.inputs.shape).flatMap((name) => {
    const given = inputs[name] ?? resource.defaults[name];
    const kind = kindOf(resource, name, given, state);
    return kind ? [{ name, kind, replaces: resource.replaceOn.includes(name) }] : [];
  });
}

function kindOf(resource: Resource, name: string, given: Value | undefined, state: Properties) {
  const had = state[name] ?? undefined;
  if (given === undefined) {
    // What the API fills in by itself is no change where the program says nothing.
    return had === undefined || resource.computed.includes(name) ? undefined : "delete";
  }
  if (had === undefined) return "add";
  return resource.same(name, given, state) ? undefined : "update";
}
