/** What DNS says of a domain and of the name of its challenges: as everybody sees it, and at the zone's own name servers. */
import type { CaaRecord } from "node:dns";
import { Resolver } from "node:dns/promises";

/** The questions that are asked, as Node's resolvers have them. */
export type Lookup = Pick<
  Resolver,
  "resolve4" | "resolveCaa" | "resolveCname" | "resolveNs" | "resolveSoa" | "resolveTxt"
> & {
  /** The same of certain name servers alone. */
  at(servers: string[]): Pick<Resolver, "resolveTxt">;
};

/** What is known of one domain. */
export interface DomainFacts {
  domain: string;
  /** The zone in which it lies, by its SOA record; undefined when none was found. */
  zone: string | undefined;
  /** Why none was found. */
  error?: string;
  /** Names of the zone's name servers, as everybody is told. */
  nameServers: string[];
  /** The CAA records that hold for it, and the name that has them; none when every CA may issue. */
  caa: { name: string; records: CaaRecord[] } | undefined;
  /** The name that the challenge's name is an alias of. */
  challengeAlias: string | undefined;
  /** TXT records of the challenge's name at the zone's own name servers. */
  challengeRecords: string[];
}

/** Milliseconds for each question, which is asked twice. */
const patience = 2_500;

const publicLookup = (): Lookup => {
  const resolver = new Resolver({ timeout: patience, tries: 2 });
  return Object.assign(resolver, {
    at: (servers: string[]) => {
      const own = new Resolver({ timeout: patience, tries: 2 });
      own.setServers(servers);
      return own;
    },
  });
};

/** The name at which challenges of a domain and of its wildcard are answered. */
export const challengeName = (domain: string): string => `_acme-challenge.${domain}`;

/** Asks for all of it. */
export const readDomain = async (domain: string, lookup: Lookup = publicLookup()): Promise<DomainFacts> => {
  const { zone, error } = await zoneOf(domain, lookup);
  const name = challengeName(domain);
  const [nameServers, caa, [challengeAlias]] = await Promise.all([
    zone === undefined ? [] : none(lookup.resolveNs(zone)),
    caaOf(domain, lookup),
    none(lookup.resolveCname(name)),
  ]);
  const servers = (await Promise.all(nameServers.slice(0, 3).map((server) => none(lookup.resolve4(server))))).flat();
  const records = servers.length > 0 ? await none(lookup.at(servers).resolveTxt(name)) : [];
  return {
    domain,
    zone,
    ...(error !== undefined && { error }),
    nameServers: nameServers.map(lower).sort(),
    caa,
    challengeAlias,
    challengeRecords: records.map((parts) => parts.join("")),
  };
};

const lower = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** What is not there is as good as what cannot be asked: other facts tell of a zone that does not answer. */
const none = <T>(asked: Promise<T[]>): Promise<T[]> => asked.catch(() => []);

/** A domain, and those above it but the last label. */
const upwards = (domain: string): string[] => {
  const labels = domain.split(".");
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
};

/** The nearest name at or above the domain that has a SOA record. */
const zoneOf = async (domain: string, lookup: Lookup): Promise<{ zone?: string; error?: string }> => {
  let error = "no SOA record";
  for (const zone of upwards(domain)) {
    try {
      await lookup.resolveSoa(zone);
      return { zone };
    } catch (refusal) {
      const { code = "", message } = refusal as NodeJS.ErrnoException;
      // A name that has no SOA record, or is not there, may lie in a zone above it.
      if (!["ENODATA", "ENOTFOUND"].includes(code)) error = code || message;
    }
  }
  return { error };
};

/** https://www.rfc-editor.org/rfc/rfc8659#section-3 */
const caaOf = async (domain: string, lookup: Lookup): Promise<DomainFacts["caa"]> => {
  for (const name of upwards(domain)) {
    const records = await none(lookup.resolveCaa(name));
    if (records.length > 0) return { name, records };
  }
  return undefined;
};
