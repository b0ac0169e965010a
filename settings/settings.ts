/** A stack's configuration as the edge's arguments. The only reader of Pulumi's config. */
import * as pulumi from "@pulumi/pulumi";
import { checkEab, checkEabHmacKey } from "../components/rules/acme";
import { checkApiToken } from "../components/rules/checks";
import { parse, problemsMessage } from "../components/rules/problems";
import { type HttpsEdgeArgs, settingsSchema } from "../components/schema";

/** Everything that a stack decides. */
export interface Settings {
  /** What the edge is made of. */
  edge: HttpsEdgeArgs;
  /** Credential for Cloudflare; the environment's CLOUDFLARE_API_TOKEN when absent. */
  cloudflareApiToken: pulumi.Output<string> | undefined;
}

/** Keys of the project whose values are secrets, each with the argument that it is. */
export const secretKeys = {
  mintingToken: "cloudflare.mintingToken",
  dnsToken: "cloudflare.dnsToken",
  eabHmacKey: "acme.server.eabHmacKey",
} as const;

/** What is wrong with the value of each, by its form. */
const secretForms: Record<keyof typeof secretKeys, (value: string) => string | undefined> = {
  mintingToken: checkApiToken,
  dnsToken: checkApiToken,
  eabHmacKey: checkEabHmacKey,
};

/** Keys of the two providers that the program configures. Any other key would be ignored, so it is refused. */
export const providerKeys = {
  cloudflare: {
    apiToken: {
      meaning:
        "Credential for Cloudflare: Zone Read and DNS Write on the zones; without the other two tokens, Account API Tokens Write as well.",
      fallback: "CLOUDFLARE_API_TOKEN",
    },
  },
  kubernetes: {
    context: { meaning: "Context of the kubeconfig.", fallback: "the current one" },
    kubeconfig: { meaning: "The kubeconfig's content, as a secret; or its path.", fallback: "KUBECONFIG" },
  },
};

/**
 * Reads and checks the whole configuration before anything is registered. An unknown key is a problem too.
 *
 * Errors: a `pulumi.RunError` with a line for each problem.
 */
export const readSettings = (): Settings => {
  const config = new pulumi.Config();
  const prefix = `${config.name}:`;
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    const name = key.slice(prefix.length);
    if (key.startsWith(prefix) && !Object.hasOwn(secretKeys, name)) values[name] = fromText(value);
  }

  const kubernetes = new pulumi.Config("kubernetes");
  const cloudflare = new pulumi.Config("cloudflare");
  const cloudflareApiToken = cloudflare.getSecret("apiToken");
  const parsed = parse(settingsSchema, values);
  const problems = [
    ...("problems" in parsed ? parsed.problems : []),
    ...Object.entries(secretForms).map(([name, check]) => {
      const value = config.get(name)?.trim();
      return checkSecret(config, name) ?? formOf(`${prefix}${name}`, value, check);
    }),
    ...("problems" in parsed
      ? []
      : [checkEab(parsed.settings.acme?.server?.eabKeyId, config.get("eabHmacKey") !== undefined)]),
    ...Object.keys(pulumi.runtime.allConfig()).map(checkProviderKey),
    checkSecret(cloudflare, "apiToken") ?? checkCredential(),
    // A path is no secret, and no path has line breaks or braces.
    /[\n{]/.test(kubernetes.get("kubeconfig") ?? "") ? checkSecret(kubernetes, "kubeconfig") : undefined,
  ].filter((problem) => problem !== undefined);
  if ("problems" in parsed || problems.length > 0) throw new pulumi.RunError(problemsMessage(problems));

  const { settings } = parsed;
  const { acme } = settings;
  const mintingToken = config.getSecret("mintingToken");
  const dnsToken = config.getSecret("dnsToken");
  const eabHmacKey = config.getSecret("eabHmacKey");
  return {
    edge: {
      ...settings,
      ...(acme?.server && { acme: { ...acme, server: { ...acme.server, eabHmacKey } } }),
      cluster: {
        ...settings.cluster,
        kubeconfig: kubernetes.getSecret("kubeconfig"),
        context: kubernetes.get("context"),
      },
      cloudflare: { ...settings.cloudflare, mintingToken, dnsToken },
    },
    cloudflareApiToken,
  };
};

/** Structured values reach a program as JSON, plain ones as they are. */
const fromText = (value: string): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

const checkProviderKey = (key: string): string | undefined => {
  const [namespace, name = ""] = key.split(":");
  const keys = Object.entries(providerKeys).find(([provider]) => provider === namespace)?.[1];
  return !keys || Object.hasOwn(keys, name)
    ? undefined
    : `${key} must be a setting, got an unknown name (known in ${namespace}: ${Object.keys(keys).join(", ")})`;
};

/** What is wrong with the provider's credential. It would end in a stack trace as the provider tells it. */
const checkCredential = (): string | undefined => {
  const key = "cloudflare:apiToken";
  const token = pulumi.runtime.allConfig()[key];
  if (token !== undefined) return formOf(key, token, checkApiToken);
  const variable = "CLOUDFLARE_API_TOKEN";
  return process.env[variable]
    ? formOf(variable, process.env[variable], checkApiToken)
    : `${key} must be set, got nothing (pulumi config set --secret ${key}, or export ${variable})`;
};

/** What is wrong with a secret by its form, if there is one. */
const formOf = (
  name: string,
  value: string | undefined,
  check: (value: string) => string | undefined,
): string | undefined => {
  const problem = value === undefined ? undefined : check(value);
  return problem && `${name} ${problem}`;
};

/** What is wrong with how a secret is kept: plain text in a stack file ends up in version control. */
const checkSecret = (config: pulumi.Config, name: string): string | undefined => {
  const key = `${config.name}:${name}`;
  if (config.getSecret(name) === undefined || isConfigSecret(key)) return undefined;
  return `${key} must be encrypted, got plain text (pulumi config set --secret ${key})`;
};

/** Exported by the SDK for its own use and missing from its types; nothing else tells a secret from plain text. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };
