/** What a stack is set to, before it has made anything. */
import type { ConnectionArgs } from "../components/standing/connection";
import type { Intended } from "./doctor/preflight";
import { CommandError, exitCodes } from "./exit";
import { pulumi } from "./pulumi";
import { type StackRef, stackOption } from "./state";

/** https://www.pulumi.com/docs/iac/cli/commands/pulumi_config/ */
type Config = Record<string, { value?: string; objectValue?: unknown }>;

/** Reads it with its secrets. Errors: a `CommandError` without domains, and where Pulumi cannot read the stack. */
export const readIntended = async (ref: StackRef): Promise<Intended & { connection: ConnectionArgs }> => {
  const { code, stdout, stderr } = await pulumi("config", "--json", "--show-secrets", ...stackOption(ref));
  if (code !== 0) throw new CommandError(stderr.trim().replace(/^error: /, ""), code);
  const config = JSON.parse(stdout) as Config;
  const domains = config["https-edge:domains"]?.objectValue;
  if (!Array.isArray(domains) || domains.length === 0)
    throw new CommandError(
      "https-edge:domains must name what is to be served, got none (pulumi config set --path 'https-edge:domains[0].name' example.com)",
      exitCodes.usage,
    );
  const acme = config["https-edge:acme"]?.objectValue as { server?: unknown } | undefined;
  const connection: ConnectionArgs = {
    ...valued("kubeconfig", config["kubernetes:kubeconfig"]?.value),
    ...valued("context", config["kubernetes:context"]?.value),
  };
  return {
    domains: domains as Intended["domains"],
    token: config["cloudflare:apiToken"]?.value ?? process.env.CLOUDFLARE_API_TOKEN,
    byLetsEncrypt: acme?.server === undefined,
    connection,
  };
};

const valued = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };
