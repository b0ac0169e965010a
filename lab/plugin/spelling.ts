/** Pulumi spells zoneId what the API spells zone_id. */
import { isProperties, present, type Value } from "./value";

const renamed = (value: Value, rename: (name: string) => string): Value => {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isProperties(value)) return value;
  const entries = present(value).map(([name, inner]): [string, Value] => [rename(name), renamed(inner, rename)]);
  // In the order of the alphabet, as the provider's own JSON is.
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

// Lists are in the plural in Pulumi, which the API does not always follow.
const plurals: Record<string, string> = { ins: "in", not_ins: "not_in" };
const singulars: Record<string, string> = { in: "ins", not_in: "notIns" };

export const toApi = (value: Value): Value =>
  renamed(value, (name) => {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return plurals[snake] ?? snake;
  });

export const fromApi = (value: Value): Value =>
  renamed(value, (name) => singulars[name] ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
