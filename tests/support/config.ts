/** A stack's configuration as Pulumi passes it to a program. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { load } from "js-yaml";

const root = join(__dirname, "..", "..");
const read = (file: string) => load(readFileSync(join(root, file), "utf8")) as { config: Record<string, unknown> };

/** What the project declares, by key. */
export const declared = read("Pulumi.yaml").config as Record<string, { default?: unknown }>;

/** Configuration of a committed stack file, over the project's defaults. */
export const stackConfig = (stack: string): Record<string, unknown> => {
  const defaults = Object.entries(declared).filter(([, { default: value }]) => value !== undefined);
  return {
    ...Object.fromEntries(defaults.map(([key, { default: value }]) => [key, value])),
    ...read(`Pulumi.${stack}.yaml`).config,
  };
};

/** Sets the whole configuration: text as it is, anything else as JSON. */
export const setConfig = (config: Record<string, unknown>, secretKeys: string[] = []): void =>
  pulumi.runtime.setAllConfig(
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
    secretKeys,
  );
