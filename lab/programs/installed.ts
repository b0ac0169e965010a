/** Real Pulumi programs that the machine has already. They are used as they are, rather than built. */
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as place from "../layout";
import { output } from "../tools/process";

/** The oldest CLI that package.json's @pulumi/pulumi runs with. */
const oldestCli = { major: 3, minor: 244 };

/** Where a fitting installed one is: the CLI and its language host from PATH, a plugin of exactly package.json's version. */
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
    if (!host || !fits(version)) return;
    return name === "pulumi" ? cli : host;
  }
};

/** Whether what `pulumi version` prints is new enough. */
export const fits = (version: string): boolean => {
  const [major = 0, minor = 0] = version.trim().replace(/^v/, "").split(".").map(Number);
  return major === oldestCli.major && minor >= oldestCli.minor;
};

const file = async (path: string): Promise<string | undefined> => {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? path : undefined;
};
