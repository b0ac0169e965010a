/** Every problem of a value at once, each as one line: `path must rule, got value (what to do)`. */
import { z } from "zod";

/** What a value is: good, and then of the schema's type; or bad, with a line for each problem. */
export type Parsed<T> = { settings: T } | { problems: string[] };

/** Parses a value by a schema. */
export const parse = <T>(schema: z.ZodType<T>, value: unknown): Parsed<T> => {
  const result = schema.safeParse(value, { error: describe, reportInput: true });
  return result.success ? { settings: result.data } : { problems: result.error.issues.flatMap(lines) };
};

/** A string that a pure check may object to. */
export const text = (check: (value: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const problem = check(value);
    if (problem) context.addIssue({ code: "custom", message: problem });
  });

/** All problems as one message. */
export const problemsMessage = (problems: string[]): string =>
  [
    `${problems.length === 1 ? "One setting is" : `${problems.length} settings are`} wrong; nothing was changed:`,
    ...problems.map((problem) => `  ${problem}`),
  ].join("\n");

/** Checks know the rule and the value, but not the path; unknown names come several in one issue. */
const lines = ({ code, path, message }: z.core.$ZodIssue): string[] =>
  code === "custom" ? [`${z.core.toDotPath(path)} ${message}`] : message.split("\n");

const describe = (issue: z.core.$ZodRawIssue): string => {
  const path = z.core.toDotPath(issue.path ?? []);
  const got = issue.input === undefined ? "nothing" : (JSON.stringify(issue.input) ?? String(issue.input));
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape).join(", ") : "";
      return issue.keys
        .map(
          (key) =>
            `${path ? `${path}.` : ""}${key} must be a setting, got an unknown name (known${path ? ` in ${path}` : ""}: ${known})`,
        )
        .join("\n");
    }
    case "invalid_value":
      return `${path} must be ${issue.values.join(" or ")}, got ${got} (set one of these${issue.input === undefined ? "" : ", or leave it out"})`;
    case "invalid_type":
      return `${path} must be ${article(issue.expected)}, got ${got} (${typeHint(path, issue.expected, issue.input)})`;
    case "too_small":
      return `${path} must ${issue.origin === "array" ? "hold at least one entry" : `be at least ${issue.minimum}`}, got ${got} (see the settings table)`;
    case "too_big":
      return `${path} must be at most ${issue.maximum}, got ${got} (see the settings table)`;
    default:
      return `${path} must be valid, got ${got} (see the settings table)`;
  }
};

const article = (type: string): string => {
  const words: Record<string, string> = {
    int: "a whole number",
    array: "a list",
    object: "an object",
    record: "an object",
  };
  return words[type] ?? `a ${type}`;
};

const typeHint = (path: string, expected: string, value: unknown): string => {
  if (expected === "string" && value !== undefined) return "put it in quotes";
  if (path === "domains") return "for example [{ name: example.com }]";
  return expected === "object" || expected === "record"
    ? `set it with --path, such as '${path}.…'`
    : "see the settings table";
};
