/** A stack's configuration as the edge's arguments. The only reader of Pulumi's config. */
import * as pulumi from "@pulumi/pulumi";
import { parse, problemsMessage } from "../components/rules/problems";
import { type HttpsEdgeArgs, settingsSchema } from "../components/schema";

/** Everything that a stack decides. */
export interface Settings {
  /** What the edge is made of. */
  edge: HttpsEdgeArgs;
  /** Credential for Cloudflare; the environment's CLOUDFLARE_API_TOKEN when absent. */
  cloudflareApiToken: pulumi.Output<string> | undefined;
}

/** Keys of the project whose values are secrets: arguments of the Cloudflare token. */
export const secretKeys = ["mintingToken", "dnsToken"] as const;

/** Keys of the two providers that the program configures. Any other key would be ignored, so it is refused. */
export const providerKeys = {
  cloudflare: { apiToken: { meaning: "Credential for Cloudflare.", fallback: "CLOUDFLARE_API_TOKEN" } },
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
  const isSecret = (name: string): boolean => secretKeys.some((key) => key === name);
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    const name = key.slice(prefix.length);
    if (key.startsWith(prefix) && !isSecret(name)) values[name] = fromText(value);
  }

  const kubernetes = new pulumi.Config("kubernetes");
  const cloudflare = new pulumi.Config("cloudflare");
  const cloudflareApiToken = cloudflare.getSecret("apiToken");
  const parsed = parse(settingsSchema, values);
  const problems = [
    ...("problems" in parsed ? parsed.problems : []),
    ...secretKeys.map((name) => checkSecret(config, name)),
    ...Object.keys(pulumi.runtime.allConfig()).map(checkProviderKey),
    checkSecret(cloudflare, "apiToken"),
    // A path is no secret, and no path has line breaks or braces.
    /[\n{]/.test(kubernetes.get("kubeconfig") ?? "") ? checkSecret(kubernetes, "kubeconfig") : undefined,
    cloudflareApiToken || process.env.CLOUDFLARE_API_TOKEN
      ? undefined
      : "cloudflare:apiToken must be set, got nothing (pulumi config set --secret cloudflare:apiToken, or export CLOUDFLARE_API_TOKEN)",
  ].filter((problem) => problem !== undefined);
  if ("problems" in parsed || problems.length > 0) throw new pulumi.RunError(problemsMessage(problems));

  const { settings } = parsed;
  const mintingToken = config.getSecret("mintingToken");
  const dnsToken = config.getSecret("dnsToken");
  return {
    edge: {
      ...settings,
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

/** What is wrong with how a secret is kept: plain text in a stack file ends up in version control. */
const checkSecret = (config: pulumi.Config, name: string): string | undefined => {
  const key = `${config.name}:${name}`;
  if (config.getSecret(name) === undefined || isConfigSecret(key)) return undefined;
  return `${key} must be encrypted, got plain text (pulumi config set --secret ${key})`;
};

/** Exported by the SDK for its own use and missing from its types; nothing else tells a secret from plain text. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };
