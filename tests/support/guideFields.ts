/**
 * What Envoy Gateway 1.3.3, of the set `guide`, takes in a policy's spec: each field of its CRDs' schemas, with its values where they are listed.
 * https://github.com/envoyproxy/gateway/tree/v1.3.3/charts/gateway-helm/crds/generated
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const fields: Record<string, Record<string, unknown[]>> = JSON.parse(
  readFileSync(join(__dirname, "guideFields.json"), "utf8"),
);

/** What of a spec this Envoy Gateway does not take. */
export const unknownToGuide = (kind: "ClientTrafficPolicy" | "BackendTrafficPolicy", spec: object): string[] => {
  const known = fields[kind] ?? {};
  return leaves(spec, "")
    .filter(([path, value]) => {
      const values = known[path];
      // An empty object stands for its fields.
      if (!values) return !(isEmpty(value) && Object.keys(known).some((each) => each.startsWith(`${path}.`)));
      return values.length > 0 && !values.includes(value);
    })
    .map(([path, value]) => `${path}: ${JSON.stringify(value)}`);
};

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

const leaves = (value: unknown, path: string): [string, unknown][] => {
  if (Array.isArray(value)) return value.flatMap((each) => leaves(each, `${path}[]`));
  if (typeof value !== "object" || value === null || isEmpty(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, path ? `${path}.${key}` : key));
};
