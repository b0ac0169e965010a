/** What can be wrong with a domain's zone, as far as an issuance depends on it. */
import type { CloudflareZone, CredentialFacts } from "../credentials";
import { challengeName, type DomainFacts } from "../domains";
import type { Sign, Symptom } from "../symptom";

/** What these rows go by. */
export interface Known {
  domains: DomainFacts[];
  credentials: CredentialFacts[];
  /** Domains whose certificates Let's Encrypt issues. */
  byLetsEncrypt(domain: string): boolean;
  /** Whether cert-manager goes where a CNAME of the challenge's name leads. */
  followsAliases: boolean;
  /** Whether cert-manager is at work on a domain's challenge. */
  isChallenged(domain: string): boolean;
}

type Row = Omit<Symptom<Known>, "at" | "signs"> & {
  seen(domain: DomainFacts, known: Known): { found: string; next: string } | undefined;
};

/** The zone as Cloudflare shows it to one of the credentials. */
const atCloudflare = ({ zone = "" }: DomainFacts, { credentials }: Known): CloudflareZone | undefined =>
  credentials
    .flatMap(({ zones }) => {
      const said = zones[zone];
      return said && "result" in said ? said.result : [];
    })
    .find(({ name }) => name === zone);

/** The CA's name in CAA records: https://letsencrypt.org/docs/caa/ */
const letsEncrypt = "letsencrypt.org";

const issuersOf = (values: (string | undefined)[]): string[] =>
  values.flatMap((value) => (value === undefined ? [] : [value.split(";")[0]?.trim() ?? ""]));

/** The CAs that may issue for a domain and for its wildcard; undefined where every one may. */
const allowed = ({ records }: NonNullable<DomainFacts["caa"]>): { name?: string[]; wildcard?: string[] } => {
  const issue = issuersOf(records.map((record) => record.issue));
  const wild = issuersOf(records.map((record) => record.issuewild));
  return {
    ...(issue.length > 0 && { name: issue }),
    ...(wild.length > 0 ? { wildcard: wild } : issue.length > 0 && { wildcard: issue }),
  };
};

const rows: Row[] = [
  {
    name: "zone-unknown",
    severity: "broken",
    cause: "The name servers of the domain do not answer, or refuse.",
    cure: "Ask the registrar for which name servers the domain is delegated, and wait until they answer.",
    source: "https://github.com/cert-manager/cert-manager/issues/2257",
    seen: ({ zone, error, domain }) =>
      zone === undefined ? { found: `${error}`, next: `dig +trace SOA ${domain}` } : undefined,
  },
  {
    name: "zone-inactive",
    severity: "broken",
    cause: "Cloudflare has the zone, and does not serve it yet, or no more.",
    cure: "Give the registrar the name servers that Cloudflare names for the zone.",
    source: "https://developers.cloudflare.com/dns/zone-setups/reference/domain-status/",
    seen: (domain, known) => {
      const zone = atCloudflare(domain, known);
      return zone && zone.status !== "active"
        ? { found: `Cloudflare calls it ${zone.status}`, next: `dig NS ${zone.name}` }
        : undefined;
    },
  },
  {
    name: "zone-not-delegated",
    severity: "broken",
    cause:
      "The internet asks other name servers for the zone than Cloudflare's, where cert-manager writes the challenges.",
    cure: "Give the registrar Cloudflare's name servers, or write challenges where the zone is served.",
    source: "https://developers.cloudflare.com/dns/zone-setups/full-setup/setup/",
    seen: (domain, known) => {
      const zone = atCloudflare(domain, known);
      const wanted = (zone?.name_servers ?? []).map((each) => each.toLowerCase());
      if (zone?.status !== "active" || wanted.length === 0 || domain.nameServers.length === 0) return undefined;
      return domain.nameServers.some((each) => wanted.includes(each))
        ? undefined
        : {
            found: `it is served by ${domain.nameServers.join(", ")}, and by Cloudflare at ${wanted.join(", ")}`,
            next: `dig +trace NS ${zone.name}`,
          };
    },
  },
  {
    name: "caa-forbids",
    severity: "broken",
    cause:
      "CAA records say which CAs may issue, and Let's Encrypt is not among them. One with issue alone holds for the wildcard, too; issuewild replaces it there.",
    cure: `Add a CAA record 0 issue "${letsEncrypt}", and 0 issuewild "${letsEncrypt}" where there is any issuewild.`,
    source: "https://letsencrypt.org/docs/caa/",
    seen: ({ domain, caa }, { byLetsEncrypt }) => {
      if (!caa || !byLetsEncrypt(domain)) return undefined;
      const { name, wildcard } = allowed(caa);
      const next = `dig CAA ${caa.name}`;
      if (name && !name.includes(letsEncrypt))
        return { found: `CAA of ${caa.name} lets ${name.filter(Boolean).join(", ") || "nobody"} issue`, next };
      return wildcard && !wildcard.includes(letsEncrypt)
        ? { found: `CAA of ${caa.name} lets ${wildcard.filter(Boolean).join(", ") || "nobody"} issue wildcards`, next }
        : undefined;
    },
  },
  {
    name: "challenge-cname",
    severity: "broken",
    cause: "The challenge's name is an alias of another, so that the CA looks elsewhere than cert-manager writes.",
    cure: "Delete the CNAME, or a wildcard CNAME that covers it; where it is meant, cert-manager needs cnameStrategy Follow and a token for that zone.",
    source: "https://cert-manager.io/docs/configuration/acme/dns01/#delegated-domains-for-dns01",
    seen: ({ domain, challengeAlias }, { followsAliases }) =>
      challengeAlias === undefined || followsAliases
        ? undefined
        : {
            found: `${challengeName(domain)} is an alias of ${challengeAlias}`,
            next: `dig CNAME ${challengeName(domain)}`,
          },
  },
  {
    name: "challenge-record-stale",
    severity: "risk",
    cause:
      "A record of an earlier challenge was not deleted, as cert-manager before 1.16.4 and 1.17.0 leaves them, or as the token had gone. Many make answers too long.",
    cure: "Delete the TXT records of that name at Cloudflare.",
    source: "https://github.com/cert-manager/cert-manager/issues/7540",
    seen: ({ domain, challengeRecords }, { isChallenged }) =>
      challengeRecords.length > 0 && !isChallenged(domain)
        ? {
            found: `${challengeRecords.length} TXT ${challengeRecords.length === 1 ? "record" : "records"} at ${challengeName(domain)}, and no challenge`,
            next: `dig TXT ${challengeName(domain)}`,
          }
        : undefined,
  },
];

export const zoneSubject = (domain: string): string => `zone of ${domain}`;

/** The rows as the doctor has them. */
export const zoneSymptoms: Symptom<Known>[] = rows.map(({ seen, ...row }) => ({
  ...row,
  at: "zone",
  signs: (known) =>
    known.domains.flatMap((domain): Sign[] => {
      const sign = seen(domain, known);
      return sign ? [{ subject: zoneSubject(domain.domain), ...sign }] : [];
    }),
}));
