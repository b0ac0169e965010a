/** The shape and the rules of the edge's arguments, and every fault of them at once. */
import { z } from "zod";
import * as checks from "./checks";
import type { HttpsEdgeArgs } from "./httpsEdge";
import { checkVersions, type VersionSet, versionSetNames, versionSets } from "./versions";

/** A value that a pure check may object to. */
const text = (check: (value: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const fault = check(value);
    if (fault) context.addIssue({ code: "custom", message: fault });
  });

const domain = z
  .strictObject({
    name: text(checks.checkDomain).describe("Bare name of the domain, such as example.com; its wildcard is added"),
    zone: text(checks.checkDomain)
      .optional()
      .describe("Cloudflare zone that the name lies in; its own name by default"),
    zoneId: text(checks.checkCloudflareId).optional().describe("Id of the zone; looked up by default"),
  })
  .superRefine(({ name, zone }, context) => {
    const fault = zone && !checks.checkDomain(name) && checks.checkZone(name, zone);
    if (fault) context.addIssue({ code: "custom", path: ["zone"], message: fault });
  });

const replicas = z.int().min(1).max(100);

const versions = z
  .strictObject({
    set: z.enum(versionSetNames).optional().describe("Versions that go together"),
    envoyGateway: text(checks.checkVersion).optional().describe("The set's by default"),
    gatewayApi: text(checks.checkVersion).optional().describe("The set's by default"),
    certManager: text(checks.checkVersion).optional().describe("The set's by default"),
  })
  .superRefine((value, context) => {
    const merged = merge(value);
    if (Object.values(merged).some(checks.checkVersion)) return; // said already, at the single version
    const fault = checkVersions(merged);
    if (fault) context.addIssue({ code: "custom", message: fault });
  });

/** The settings of a stack, without its secrets. */
export const settingsSchema = z.strictObject({
  domains: z
    .array(domain)
    .min(1)
    .superRefine((domains, context) => {
      const fault = checks.checkDomains(domains.map(({ name }) => name));
      if (fault) context.addIssue({ code: "custom", message: fault });
    })
    .describe("Domains to serve, each with its wildcard"),
  versions: versions.optional().describe("Versions of what is installed; the newest set by default"),
  crds: z
    .strictObject({
      gatewayApi: text(checks.checkLocation).optional().describe("A copy of the release's standard-install.yaml"),
      envoyGateway: text(checks.checkLocation).optional().describe("A copy of the release's envoy-gateway-crds.yaml"),
    })
    .optional()
    .describe("Mirrors of the CRD files: https addresses or paths"),
  cloudflare: z
    .strictObject({
      accountId: text(checks.checkCloudflareId)
        .optional()
        .describe("Account that owns the zones and will own the token"),
      rotation: z.string().optional().describe("Change it to replace the token"),
    })
    .optional()
    .describe("Whose the token is, and which"),
  acme: z
    .strictObject({
      environment: z
        .enum(["staging", "production"])
        .optional()
        .describe("Let's Encrypt's environment; staging by default"),
      email: text(checks.checkEmail).optional().describe("Contact of the ACME account; none by default"),
      waitInsteadOfSelfCheck: text(checks.checkWait)
        .optional()
        .describe("How long a challenge's record may spread, 60s by default; or selfCheck"),
    })
    .optional()
    .describe("How certificates are obtained"),
  gateway: z
    .strictObject({
      replicas: replicas.optional().describe("Number of Envoy proxies, 2 by default"),
      annotations: z.record(z.string(), z.string()).optional().describe("Annotations of the load balancer's Service"),
    })
    .optional()
    .describe("How the Gateway's proxies run"),
  landing: z
    .strictObject({
      title: z.string().optional().describe("Title on the apex, It works by default"),
      text: z.string().optional().describe("Text below it, a hint to attach an HTTPRoute by default"),
    })
    .optional()
    .describe("The page for unclaimed hosts; none when absent"),
  whoami: z
    .strictObject({
      host: text(checks.checkLabel).optional().describe("Its label below each domain, whoami by default"),
      replicas: replicas.optional().describe("Number of its pods, 2 by default"),
    })
    .optional()
    .describe("A first application; none when absent"),
});

/** The versions that arguments come down to: the named set, with single versions put over it. */
export const versionsOf = ({ versions }: Pick<HttpsEdgeArgs, "versions">): VersionSet => merge(versions ?? {});

const merge = ({ set, ...single }: NonNullable<HttpsEdgeArgs["versions"]>): VersionSet => {
  const named = Object.entries(versionSets).find(([name]) => name === set)?.[1] ?? versionSets.current;
  const given = Object.entries(single).filter(([, version]) => version !== undefined);
  return { ...named, ...Object.fromEntries(given) };
};

/** Every fault of the settings, a line each: `path must rule, got value (way out)`. */
export const findFaults = (args: unknown): string[] => {
  const result = settingsSchema.safeParse(args);
  return result.success ? [] : result.error.issues.flatMap((issue) => describe(issue, args));
};

/** All faults as one message. */
export const faultsMessage = (faults: string[]): string =>
  [`${faults.length === 1 ? "One setting is" : `${faults.length} settings are`} wrong; nothing was changed:`, ...faults]
    .map((fault, index) => (index === 0 ? fault : `  ${fault}`))
    .join("\n");

/** Arguments without their secrets, which are checked when they are known. */
export const withoutSecrets = (args: unknown): unknown => {
  if (!isRecord(args) || !isRecord(args.cloudflare)) return args;
  const { mintingToken: _minting, dnsToken: _dns, ...cloudflare } = args.cloudflare;
  return { ...args, cloudflare };
};

const describe = (issue: z.core.$ZodIssue, args: unknown): string[] => {
  const path = issue.path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
  const value = issue.path.reduce<unknown>(
    (at, key) => (isRecord(at) || Array.isArray(at) ? Reflect.get(at, key) : undefined),
    args,
  );
  const got = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  switch (issue.code) {
    case "custom":
      return [`${path} ${issue.message}`];
    case "unrecognized_keys":
      return issue.keys.map((key) => {
        const known = knownKeys(issue.path);
        return `${path ? `${path}.` : ""}${key} must be a setting, got an unknown name (known${path ? ` in ${path}` : ""}: ${known.join(", ")})`;
      });
    case "invalid_value":
      return [
        `${path} must be ${issue.values.join(" or ")}, got ${got}`.concat(" (set one of these, or leave it out)"),
      ];
    case "invalid_type":
      return [`${path} must be ${article(issue.expected)}, got ${got} (${typeHint(path, issue.expected, value)})`];
    case "too_small":
      return [
        `${path} must ${issue.origin === "array" ? "hold at least one entry" : `be at least ${issue.minimum}`}, got ${got} (see the settings table)`,
      ];
    case "too_big":
      return [`${path} must be at most ${issue.maximum}, got ${got} (see the settings table)`];
    default:
      return [`${path} must be valid, got ${got} (${issue.message})`];
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

const knownKeys = (path: PropertyKey[]): string[] => {
  let at: unknown = settingsSchema;
  for (const key of path) {
    at = unwrap(at);
    at = at instanceof z.ZodArray ? at.element : at instanceof z.ZodObject ? at.shape[String(key)] : undefined;
  }
  at = unwrap(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
};

const unwrap = (schema: unknown): unknown => (schema instanceof z.ZodOptional ? schema.unwrap() : schema);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
