/** Limits of Let's Encrypt's production, kept by what the cluster knows of it before it is asked: https://letsencrypt.org/docs/rate-limits/ */
import type { AcmeArgs } from "./issuers";
import { edgeError } from "./resources/error";
import type { Way } from "./resources/wait";
import { checkExactSet, checkRegisteredDomain } from "./rules/acme";
import { isWithin } from "./rules/checks";
import { certificateName, type Names, namesFor, tlsSecretName } from "./rules/names";
import type { Connection } from "./standing/connection";
import {
  certificateOf,
  type Issuances,
  type Issued,
  isSameSet,
  issuances,
  issuedBy,
  lookAt,
  timesOf,
} from "./standing/issuance";
import type { Domain } from "./zones";

/** What is to be issued, and where. */
interface Asked extends Pick<AcmeArgs, "environment" | "server" | "ignoreLimits"> {
  names: Names;
  /** The way to the cluster. */
  way: Way;
}

const untilThen = "environment staging until then";

/** Whether limits of Let's Encrypt's production are to be kept. */
export const isLimited = ({ environment, server, ignoreLimits }: Asked): boolean =>
  environment === "production" && !server && !ignoreLimits;

/** Whether production will be asked for a domain's certificate. */
const isAskedFor = async (cluster: Connection, names: Names, domain: string, standing: Issuances): Promise<boolean> => {
  const certificate = certificateOf(certificateName(domain), standing);
  const found = lookAt(certificateName(domain), standing);
  if (certificate) return certificate.spec?.issuerRef.name !== names.issuers.production || !found || "failed" in found;
  // A new Certificate takes a Secret over that was kept or restored.
  return !(await cluster.metadata(`/api/v1/namespaces/${names.namespace}/secrets/${tlsSecretName(domain)}`));
};

/** Rejects where production would be asked for a certificate, and has issued as many for its names as it does. */
export const withinLimits = async (domain: string, { names, way }: Asked): Promise<void> => {
  const cluster = await way;
  if (!cluster) return;
  const standing = await issuances(cluster, names.namespace, 0);
  if (!(await isAskedFor(cluster, names, domain, standing))) return;
  const dnsNames = namesFor(domain);
  const times = timesOf(await issuedBy(cluster, names.issuers.production), dnsNames);
  const cure = `${untilThen}, or ignoreLimits: true with an account whose limit was raised`;
  const problem = checkExactSet(times, dnsNames, Date.now(), cure);
  if (problem) throw edgeError(`acme.environment must not be production ${problem}`);
};

/** Rejects where production would be asked for more new certificates below a zone than it issues below a registered domain. */
export const withinDomainLimits = async (domains: Domain[], { names, way }: Asked): Promise<void> => {
  const cluster = await way;
  if (!cluster) return;
  const [standing, issued] = await Promise.all([
    issuances(cluster, names.namespace, 0),
    issuedBy(cluster, names.issuers.production),
  ]);
  const asked = await Promise.all(domains.map(({ name }) => isAskedFor(cluster, names, name, standing)));
  // What it has issued before is renewed, which the limit does not count.
  const isNew = (domain: string) => timesOf(issued, namesFor(domain)).length === 0;
  const wanted = domains.filter(({ name }, index) => asked[index] && isNew(name));
  const first = issued.filter(({ isFirst }) => isFirst).filter(isOnly);
  const cure = `${untilThen}, or ignoreLimits: true where they were issued before, or the account's limit was raised`;
  const problems = [...new Set(wanted.map(({ zone }) => zone.name))].flatMap((zone) => {
    const here = first.filter(({ dnsNames }) => dnsNames.some((name) => isWithin(name, zone)));
    const count = wanted.filter((each) => each.zone.name === zone).length;
    const times = here.map(({ at }) => at);
    return checkRegisteredDomain(times, count, zone, Date.now(), cure) ?? [];
  });
  const lines = problems.map((problem) => `acme.environment must not be production ${problem}`);
  if (lines.length > 0) throw edgeError(lines.join("\n"));
};

/** Leaves one out that is for the same names as one before it. */
const isOnly = ({ dnsNames }: Issued, index: number, all: Issued[]): boolean =>
  all.findIndex((each) => isSameSet(each.dnsNames, dnsNames)) === index;
