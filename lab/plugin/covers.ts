import { isProperties, present, type Value } from "./value";

/** Whether what is there holds all that was given, beside which the API may have filled in more. */
export function covers(given: Value, had: Value | undefined): boolean {
  if (Array.isArray(given)) {
    return Array.isArray(had) && had.length === given.length && given.every((item, index) => covers(item, had[index]));
  }
  if (isProperties(given)) {
    return isProperties(had) && present(given).every(([name, inner]) => covers(inner, had[name]));
  }
  return given === had;
}
