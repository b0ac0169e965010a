/** Checks properties against a schema. */
import type { z } from "zod";
import { type Properties, unknown } from "./value";

export interface Problem {
  property: string;
  reason: string;
}

export const check = (schema: z.ZodType, properties: Properties): Problem[] => {
  const issues = schema.safeParse(properties).error?.issues ?? [];
  return issues
    .filter((issue) => !leadsToUnknown(properties, issue.path))
    .flatMap((issue) => problems(properties, issue));
};

const problems = (properties: Properties, issue: z.core.$ZodIssue): Problem[] => {
  const property = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  const path = property.replace(/^\./, "");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      property: `${property}.${key}`.replace(/^\./, ""),
      reason: `Unsupported argument: an argument named "${key}" is not expected here`,
    }));
  }
  if (issue.code === "invalid_type" && follow(properties, issue.path) === undefined) {
    return [{ property: path, reason: `Missing required property '${path}'` }];
  }
  return [{ property: path, reason: issue.message }];
};

/** What a preview cannot know yet cannot be wrong yet. */
const leadsToUnknown = (properties: Properties, path: PropertyKey[]): boolean =>
  path.some((_, index) => follow(properties, path.slice(0, index + 1)) === unknown);

const follow = (value: unknown, path: PropertyKey[]): unknown =>
  path.reduce(
    (inner: unknown, step) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, step) : inner === unknown ? unknown : undefined,
    value,
  );
