/** What a stack is set to, read and written by Pulumi's command line. */
import { CommandError } from "./exit";
import { pulumi } from "./pulumi";
import { type StackRef, stackOption } from "./state";

/** A value by its key: https://www.pulumi.com/docs/iac/cli/commands/pulumi_config/ */
export type Config = Record<string, { value?: string; objectValue?: unknown }>;

const config = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await pulumi("config", ...args);
  if (code !== 0) throw new CommandError(stderr.trim().replace(/^error: /, ""), code);
  return stdout;
};

/** Reads it; without `--show-secrets` among the flags secrets have no value. Errors: a `CommandError` in Pulumi's words. */
export const readConfig = async (ref: StackRef, ...flags: string[]): Promise<Config> =>
  JSON.parse(await config("--json", ...flags, ...stackOption(ref))) as Config;

/** Sets a value by its path. Errors: a `CommandError` in Pulumi's words. */
export const setConfig = async (ref: StackRef, path: string, value: string): Promise<void> => {
  await config("set", "--path", path, value, ...stackOption(ref));
};
