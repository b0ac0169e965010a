/** What a stack is set to, before it has made anything. */
import type { ConnectionArgs } from "../components/standing/connection";
import { type Config, readConfig } from "./config";
import type { Intended } from "./doctor/preflight";
import { CommandError, exitCodes } from "./exit";
import type { StackRef } from "./state";

/** Reads it with its secrets. Errors: a `CommandError` without domains, and where Pulumi cannot read the stack. */
export const readIntended = async (ref: StackRef): Promise<Intended & { connection: ConnectionArgs }> => {
  const config = await readConfig(ref, "--show-secrets");
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
    token: deployingToken(config),
    byLetsEncrypt: acme?.server === undefined,
    connection,
  };
};

/** The token that a stack is deployed with; undefined when it is told otherwise than by the provider's own settings. */
export const deployingToken = (config: Config): string | undefined =>
  config["cloudflare:apiToken"]?.value ?? process.env.CLOUDFLARE_API_TOKEN;

/** Why there is none. */
export const noDeployingToken = "neither cloudflare:apiToken nor CLOUDFLARE_API_TOKEN is set";

/** The token by which a stack creates the one for cert-manager. */
export const mintingToken = (config: Config): string | undefined =>
  config["https-edge:mintingToken"]?.value ?? deployingToken(config);

const valued = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };
