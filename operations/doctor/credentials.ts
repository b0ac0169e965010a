/** The credentials by which issuers write challenges at Cloudflare: whether they are there, and what Cloudflare says of them. */
import { isWithin } from "../../components/rules/checks";
import { askCloudflare, type Said } from "../../components/standing/cloudflareApi";
import type { Connection } from "../../components/standing/connection";
import { clusterResourceNamespace, type StandingEdge } from "../standingEdge";
import type { DomainFacts } from "./domains";

/** A zone, as Cloudflare shows it to a credential. */
export interface CloudflareZone {
  id: string;
  name: string;
  status: string;
  name_servers?: string[];
}

/** What is known of one credential. */
export interface CredentialFacts {
  /** Its Secret, as `namespace/name`, or the setting that it comes from. */
  place: string;
  /** The key in the Secret. */
  key: string;
  /** `token` by `apiTokenSecretRef`, `key` by `apiKeySecretRef`, which is a user's with all rights. */
  kind: "token" | "key";
  /** The command that replaces it. */
  replacedBy: string;
  /** The keys that the Secret has; undefined when it is not there. */
  keys: string[] | undefined;
  /** What is wrong with how it looks, without the value itself. */
  shape?: "whitespace" | "empty" | "api-key";
  /** What Cloudflare says of the token itself; undefined when nothing could be asked. */
  verified?: Said<{ status: string; expires_on?: string }>;
  /** What Cloudflare answers when each zone is looked up, as cert-manager does. */
  zones: Record<string, Said<CloudflareZone[]>>;
  /** Whether it shows other zones, where one is hidden or none is known: it leaves out of lists what a token may not read, and refuses nothing. */
  showsOthers?: boolean;
}

/** Credentials of the issuers that the edge's certificates use. Errors: `ConnectionError`. */
export const readCredentials = (
  cluster: Connection,
  edge: StandingEdge,
  domains: DomainFacts[],
): Promise<CredentialFacts[]> => {
  const { issuers, chain } = edge;
  const used = new Set(chain.certificates.map(({ spec }) => spec.issuerRef.name));
  const solvers = issuers
    .filter(({ metadata }) => used.has(metadata.name))
    .flatMap(({ spec }) => spec.acme?.solvers ?? [])
    .flatMap(({ dns01, selector }) => (dns01?.cloudflare ? [{ ...dns01.cloudflare, zones: selector?.dnsZones }] : []));
  const namespace = clusterResourceNamespace(edge);
  const references = solvers.flatMap(({ apiTokenSecretRef, apiKeySecretRef, zones }) => [
    ...(apiTokenSecretRef ? [{ ...apiTokenSecretRef, kind: "token" as const, zones }] : []),
    ...(apiKeySecretRef ? [{ ...apiKeySecretRef, kind: "key" as const, zones }] : []),
  ]);
  const once = references.filter(
    ({ name, key }, at) => references.findIndex((each) => each.name === name && each.key === key) === at,
  );
  return Promise.all(
    once.map(async ({ name, key, kind, zones }) => {
      const place = `${namespace}/${name}`;
      const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
      const secret = await cluster.get<{ data?: Record<string, string> }>(path);
      const value = Buffer.from(secret?.data?.[key] ?? "", "base64").toString();
      const mine = domains
        .filter(({ domain }) => !zones || zones.some((each) => isWithin(domain, each)))
        // Of a zone that nobody answers for, its own row tells; which zone it is, the token cannot be asked.
        .flatMap(({ zone }) => zone ?? []);
      return {
        place,
        key,
        kind,
        replacedBy: "pulumi config set --path https-edge:cloudflare.rotation <anything new> && pulumi up",
        keys: secret && Object.keys(secret.data ?? {}).sort(),
        ...(secret?.data?.[key] === undefined ? { zones: {} } : await credentialFacts(value, kind, mine)),
      };
    }),
  );
};

/** The token that a stack is deployed with, as far as it can be tried before a first `up`. */
export const deployingCredential = async (value: string | undefined, zones: string[]): Promise<CredentialFacts> => ({
  place: "cloudflare:apiToken (or CLOUDFLARE_API_TOKEN)",
  key: "cloudflare:apiToken",
  kind: "token",
  replacedBy: "pulumi config set --secret cloudflare:apiToken",
  keys: value === undefined ? undefined : ["cloudflare:apiToken"],
  ...(value === undefined ? { zones: {} } : await credentialFacts(value, "token", zones)),
});

/** What a value is, and what Cloudflare says of it. */
export const credentialFacts = async (
  value: string,
  kind: CredentialFacts["kind"],
  zones: string[],
): Promise<Pick<CredentialFacts, "shape" | "verified" | "zones" | "showsOthers">> => {
  if (value === "") return { shape: "empty", zones: {} };
  // It could not be sent as a header, and cert-manager stops there, too.
  if (/\s/.test(value)) return { shape: "whitespace", zones: {} };
  if (kind === "key") return { zones: {} };
  if (/^[0-9a-f]{37}$/.test(value)) return { shape: "api-key", zones: {} };
  const each = [...new Set(zones)].map(
    async (zone) => [zone, await asked<CloudflareZone[]>(value, `/zones?name=${encodeURIComponent(zone)}`)] as const,
  );
  const [verified, ...found] = await Promise.all([
    asked<{ status: string; expires_on?: string }>(value, "/user/tokens/verify"),
    ...each,
  ]);
  const isHidden = found.some(([, said]) => "result" in said && said.result.length === 0);
  const all = isHidden || each.length === 0 ? await asked<CloudflareZone[]>(value, "/zones?per_page=5") : undefined;
  return {
    verified,
    zones: Object.fromEntries(found),
    ...(all && "result" in all && { showsOthers: all.result.length > 0 }),
  };
};

/** An API that is out of order, or asked too often, says nothing of a token. */
const asked = async <T>(token: string, path: string): Promise<Said<T>> => {
  const said = await askCloudflare<T>(token, path);
  return "refused" in said && (said.status === 429 || said.status >= 500) ? { silent: said.refused } : said;
};
