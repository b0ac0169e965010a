/** From what was seen to what is wrong: a finding for each cause, and none for what only follows from it. */
import { subjects } from "../checks";
import type { Facts } from "./facts";
import { idOf, type Link, linksOf } from "./links";
import type { Severity, Sign, Symptom } from "./symptom";
import { balancerSymptoms } from "./symptoms/balancers";
import { controllerSymptoms } from "./symptoms/controllers";
import { credentialSymptoms } from "./symptoms/credentials";
import { gatewaySymptoms } from "./symptoms/gateway";
import { issuanceSymptoms, nextTry } from "./symptoms/issuance";
import { issuerSymptoms } from "./symptoms/issuers";
import { routeSymptoms } from "./symptoms/routes";
import { type Known as KnownOfZones, zoneSymptoms } from "./symptoms/zones";

/** One thing that is wrong. */
export interface Finding extends Sign {
  /** Name of the row, or the kind of the link where no row knows it. */
  symptom: string;
  severity: Severity;
  /** Id of the link that has it. */
  link: string;
  cause?: string;
  cure?: string;
  source?: string;
}

/** All that is said of one edge. */
export interface Diagnosis {
  findings: Finding[];
  /** The chain, each link as it is with what was found. */
  links: Link[];
}

/** All rows, in the order of the chain, as people read them. */
export const symptoms: Omit<Symptom<never>, "signs">[] = [
  ...controllerSymptoms,
  ...credentialSymptoms,
  ...zoneSymptoms,
  ...issuerSymptoms,
  ...issuanceSymptoms,
  ...gatewaySymptoms,
  ...routeSymptoms,
  ...balancerSymptoms,
];

/** What the tables find, in the order of the chain. */
const tables = (facts: Facts): Finding[] => [
  ...controllerSymptoms.flatMap(seenIn(facts)),
  ...credentialSymptoms.flatMap(seenIn(facts)),
  ...zoneSymptoms.flatMap(seenIn(ofZones(facts))),
  ...issuerSymptoms.flatMap(seenIn(facts)),
  ...issuanceSymptoms.flatMap(seenIn(facts)),
  ...gatewaySymptoms.flatMap(seenIn(facts)),
  ...routeSymptoms.flatMap(seenIn(facts)),
];

/** What a row finds in what is known. */
export const seenIn =
  <F>(facts: F) =>
  ({ name, at, signs, ...row }: Symptom<F>): Finding[] =>
    signs(facts).map((sign) => ({
      symptom: name,
      ...row,
      ...sign,
      link: idOf({ kind: at, subject: sign.subject }),
    }));

/** What the rows of zones go by, of an edge that stands. */
const ofZones = ({ edge: { chain, issuers }, domains, credentials }: Facts): KnownOfZones => {
  const issuerOf = (domain: string) => {
    const certificate = chain.certificates.find(({ spec }) => spec.dnsNames?.includes(domain));
    return issuers.find(({ metadata }) => metadata.name === certificate?.spec.issuerRef.name);
  };
  return {
    domains,
    credentials,
    byLetsEncrypt: (domain) => /(^|\.)letsencrypt\.org$/.test(hostOf(issuerOf(domain)?.spec.acme?.server)),
    followsAliases: issuers.some(({ spec }) =>
      spec.acme?.solvers?.some(({ dns01 }) => dns01?.cnameStrategy === "Follow"),
    ),
    isChallenged: (domain) => chain.challenges.some(({ spec }) => spec?.dnsName === domain),
  };
};

const hostOf = (address: string | undefined): string =>
  address && URL.canParse(address) ? new URL(address).hostname : "";

/** How bad a finding makes its link. */
const resultOf: Record<Severity, Link["result"]> = { broken: "failed", risk: "warning", note: "ok" };
const worse: Link["result"][] = ["ok", "warning", "failed"];

/** What is wrong with an edge, the worst and the innermost first. */
export const diagnose = (facts: Facts): Diagnosis => {
  const found = tables(facts);
  const chain = linksOf(facts);
  const known = new Set(chain.map(idOf));
  // A Helm release is a link only when something is wrong with it.
  const strays = found.filter(({ link }) => !known.has(link));
  const links = [...strays.map(strayLink), ...chain].map((link) => marked(link, found));
  const byId = new Map(links.map((link) => [idOf(link), link]));

  const isFailed = (id: string): boolean => byId.get(id)?.result === "failed";
  /** What fails because of something that it needs is a consequence of that. */
  const follows = (id: string): boolean => byId.get(id)?.needs.some(isFailed) ?? false;
  const causes = found.filter(({ link, severity }) => severity !== "broken" || !follows(link));
  const explained = new Set(found.map(({ link }) => link));
  const unexplained = links
    .filter((link) => link.result !== "ok" && !explained.has(idOf(link)) && !follows(idOf(link)))
    .map((link) => unnamed(link, facts));
  const order = links.map(idOf);
  const findings = [...causes, ...unexplained].sort(
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      order.indexOf(one.link) - order.indexOf(other.link),
  );
  return { findings, links };
};

const severities: Severity[] = ["broken", "risk", "note"];

const strayLink = ({ link, subject, found }: Finding): Link => {
  const kind = link.slice(0, -subject.length - 1) as Link["kind"];
  return { kind, subject, result: "ok", found, needs: [] };
};

/** A link with the worst that was found of it. */
export const marked = (link: Link, all: Finding[]): Link => {
  const mine = all.filter((each) => each.link === idOf(link));
  const results = [link.result, ...mine.map(({ severity }) => resultOf[severity])];
  const result = worse[Math.max(...results.map((each) => worse.indexOf(each)))] ?? link.result;
  const [first] = mine;
  return first ? { ...link, result, found: first.found, next: first.next } : link;
};

/** A failed check of which no row tells the cause. */
const unnamed = (link: Link, facts: Facts): Finding => {
  const { kind, subject, result, found, next = "" } = link;
  return {
    symptom: kind,
    severity: result === "failed" ? "broken" : "risk",
    link: idOf(link),
    subject,
    found: `${found}${kind === "certificate" ? triesAgain(subject, facts) : ""}`,
    next,
  };
};

/** How long cert-manager lets pass before it begins anew. */
const triesAgain = (subject: string, { edge, outside: { at } }: Facts): string => {
  const { namespace } = edge.gateway.metadata;
  const certificate = edge.chain.certificates.find((each) => subjects.certificate(each, namespace) === subject);
  const next = certificate && nextTry(certificate);
  return next !== undefined && next > at
    ? ` (cert-manager tries again by itself in ${Math.ceil((next - at) / 60_000)} min; pulumi up and https-edge renew at once)`
    : "";
};
