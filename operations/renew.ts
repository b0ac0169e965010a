/** Issues certificates of an edge anew, now, and waits until they stand; what stands before serves meanwhile. */
import { checkExactSet, letsEncryptServers } from "../components/rules/acme";
import type { Connection } from "../components/standing/connection";
import { issuances, issueAnew, issuedBy, lookAtRenewal, timesOf } from "../components/standing/issuance";
import { awaited } from "../components/standing/wait";
import { agreed } from "./agreed";
import { answered, type ChosenOptions, chosenEdges, type PlacedEdge } from "./chosen";
import { CommandError, exitCodes } from "./exit";
import type { Certificate } from "./standingEdge";

/** What the command is called with. */
export interface RenewOptions extends ChosenOptions {
  /** Domains whose certificates are meant; all by default. */
  domains: string[];
  /** Asks nothing. */
  yes?: boolean;
  /** Asks Let's Encrypt's production for more than it issues in a week, as far as the cluster knows. */
  force?: boolean;
  /** Seconds to wait for each certificate. */
  timeout: number;
  /** Tells what was issued as JSON, and nothing else, on standard output. */
  json?: boolean;
}

/** A certificate that is issued anew. */
interface Renewed {
  cluster: Connection;
  namespace: string;
  certificate: Certificate;
  /** Whether Let's Encrypt's production issues it. */
  isProduction: boolean;
}

/** Returns the exit code. */
export const renew = async (options: RenewOptions): Promise<number> => {
  const say = options.json ? console.error : console.log;
  const all = await chosenEdges(options, say);
  const certificates = all.flatMap(certificatesOf);
  const chosen = chosenOf(certificates, options);
  for (const each of chosen)
    say(`${nameOf(each)}: ${standsUntil(each.certificate)}, issued by ${issuerOf(each.certificate)}`);
  if (!options.force) await answered(() => Promise.all(chosen.map(withinLimits)));
  const warning = "Let's Encrypt's production issues five certificates a week for the same names.";
  if (!options.yes && !(await agreed(`${warning} Issue ${chosen.length === 1 ? "it" : `all ${chosen.length}`} anew?`)))
    return exitCodes.cancelled;

  const results = await answered(() => Promise.all(chosen.map((each) => issue(each, options, say))));
  if (options.json) console.log(JSON.stringify({ certificates: results }, undefined, 2));
  return results.some(({ failed }) => failed !== undefined) ? exitCodes.unfit : exitCodes.done;
};

const certificatesOf = ({ cluster, edge: { chain, gateway, issuers } }: PlacedEdge): Renewed[] =>
  chain.certificates.map((certificate) => {
    const { name } = certificate.spec.issuerRef;
    const server = issuers.find(({ metadata }) => metadata.name === name)?.spec.acme?.server;
    const isProduction = server === letsEncryptServers.production;
    return { cluster, namespace: gateway.metadata.namespace ?? "", certificate, isProduction };
  });

/** Errors: a `CommandError` for a certificate that Let's Encrypt's production has issued too often to be asked for now. */
const withinLimits = async ({ cluster, certificate: { metadata, spec }, isProduction }: Renewed): Promise<void> => {
  if (!isProduction) return;
  const { dnsNames = [], issuerRef } = spec;
  const times = timesOf(await issuedBy(cluster, issuerRef.name), dnsNames);
  const cure = `Certificate ${metadata.name} serves on; --force asks all the same`;
  const problem = checkExactSet(times, dnsNames, Date.now(), cure);
  if (problem) throw new CommandError(`Let's Encrypt's production must not be asked ${problem}`, exitCodes.unfit);
};

const chosenOf = (all: Renewed[], { domains }: RenewOptions): Renewed[] => {
  const of = (domain: string) => all.filter(({ certificate }) => certificate.spec.dnsNames?.includes(domain));
  const unknown = domains.find((domain) => of(domain).length === 0);
  const known = [...new Set(all.flatMap(({ certificate }) => certificate.spec.dnsNames ?? []))];
  if (unknown !== undefined)
    throw new CommandError(
      `a domain must be one of a certificate's names, got ${unknown} (there are ${known.join(", ") || "none"})`,
      exitCodes.usage,
    );
  return domains.length === 0 ? all : [...new Set(domains.flatMap(of))];
};

const nameOf = ({ namespace, certificate }: Renewed): string => `Certificate ${namespace}/${certificate.metadata.name}`;
const issuerOf = ({ spec: { issuerRef } }: Certificate): string => `${issuerRef.kind ?? "Issuer"} ${issuerRef.name}`;
const standsUntil = ({ status }: Certificate): string =>
  status?.notAfter ? `stands until ${status.notAfter}` : "is not issued";

const issue = async (
  each: Renewed,
  { timeout }: RenewOptions,
  say: (line: string) => void,
): Promise<{ certificate: string; notAfter?: string; failed?: string }> => {
  const { cluster, namespace, certificate } = each;
  const { name } = certificate.metadata;
  const before = await issuances(cluster, namespace, Date.now());
  await issueAnew(cluster, namespace, certificate, "https-edge renew");
  const end = await awaited(async () => lookAtRenewal(name, before, await issuances(cluster, namespace, Date.now())), {
    seconds: timeout,
    told: (waiting) => say(`${nameOf(each)}: ${waiting}`),
  });
  if ("failed" in end) {
    const failed = `${end.failed}${end.after}`;
    say(
      `${nameOf(each)} must be issued, got ${failed} (what stood before serves on; https-edge verify tells the state)`,
    );
    return { certificate: `${namespace}/${name}`, failed };
  }
  say(`${nameOf(each)}: issued, ${standsUntil({ ...certificate, status: end.done })}`);
  return { certificate: `${namespace}/${name}`, notAfter: end.done.notAfter };
};
