/** Pulumi programs that are installed on the machine. The lab uses them instead of building its own. */
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { load } from "js-yaml";
import * as place from "../layout";
import { output } from "../tools/process";

/** The path of an installed program that fits: the CLI and its language host on PATH, or a plugin of exactly package.json's version. */
export const installed = async (name: string): Promise<string | undefined> => {
  if (name === "pulumi" || name === "pulumi-language-nodejs") return fromCli(name);
  const [, provider] = /^pulumi-resource-(.+)$/.exec(name) ?? [];
  return provider && installedPlugin(provider);
};

export const installedPlugin = async (provider: string): Promise<string | undefined> => {
  const { dependencies } = JSON.parse(await readFile(join(place.clone, "package.json"), "utf8"));
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const version = dependencies[`@pulumi/${provider}`];
  return file(join(home, "plugins", `resource-${provider}-v${version}`, `pulumi-resource-${provider}`));
};

/** A CLI and the language host beside it go together: both or none. */
const fromCli = async (name: string): Promise<string | undefined> => {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const cli = await file(join(directory, "pulumi"));
    if (!cli) continue;
    const version = await output([cli, "version"], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
    const host = await file(join(directory, "pulumi-language-nodejs"));
    if (!host || !fits(version, await requiredCli())) return;
    return name === "pulumi" ? cli : host;
  }
};

/** The range of CLI versions in Pulumi.yaml: `>=3.244.0`. */
export const requiredCli = async (): Promise<string> => {
  const project = load(await readFile(join(place.clone, "Pulumi.yaml"), "utf8")) as { requiredPulumiVersion: string };
  return project.requiredPulumiVersion;
};

/** Whether the output of `pulumi version` is in a range such as `>=3.244.0`, and of the same major version. */
export const fits = (version: string, range: string): boolean => {
  const [[major, ...found], [oldestMajor, ...oldest]] = [numbers(version), numbers(range)];
  const [minor = Number.NaN, patch = 0] = found;
  const [oldestMinor = 0, oldestPatch = 0] = oldest;
  return major === oldestMajor && (minor > oldestMinor || (minor === oldestMinor && patch >= oldestPatch));
};

const numbers = (version: string): number[] =>
  version
    .trim()
    .replace(/^(>=|v)/, "")
    .split(".")
    .map(Number);

const file = async (path: string): Promise<string | undefined> => {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? path : undefined;
};
