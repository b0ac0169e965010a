/** The chain from the controllers and the credential to an answer over HTTPS: its links, and what each needs of the others. */
import { isWithin } from "../../components/rules/checks";
import { type Check, certificateFor, checksOf, subjects } from "../checks";
import type { Certificate, StandingEdge } from "../standingEdge";
import type { CredentialFacts } from "./credentials";
import type { Facts } from "./facts";
import type { LinkKind } from "./symptom";
import { admissionSubject, clockSubject, crdsSubject } from "./symptoms/controllers";
import { credentialSubject } from "./symptoms/credentials";
import { zoneSubject } from "./symptoms/zones";

/** One link. */
export interface Link extends Omit<Check, "check"> {
  kind: LinkKind;
  /** Ids of the links without which it cannot be as it should. */
  needs: string[];
}

/** Tells a link from all others. */
export const idOf = ({ kind, subject }: Pick<Link, "kind" | "subject">): string => `${kind} ${subject}`;

/** All links, each after those that it needs. */
export const linksOf = (facts: Facts): Link[] => {
  const checks: Omit<Link, "needs">[] = checksOf(facts.edge, facts.outside).map(({ check, ...rest }) => ({
    kind: check,
    ...rest,
  }));
  const behind = behindOf(facts);
  const all = [...behind, ...checks];
  const known = new Set(all.map(idOf));
  return all.map((link) => ({ ...link, needs: [...new Set(needsOf(link, facts))].filter((id) => known.has(id)) }));
};

/** What stands behind, which a symptom alone says to be wrong. */
const behindOf = ({ credentials, domains }: Facts): Omit<Link, "needs">[] => {
  const fine = (kind: LinkKind, subject: string, found: string) => ({ kind, subject, result: "ok" as const, found });
  return [
    fine("clock", clockSubject, "as this machine's"),
    fine("crds", crdsSubject, "as Envoy Gateway needs them"),
    fine("admission", admissionSubject, "admits changes"),
    ...credentials.map((each) => fine("credential", credentialSubject(each), wordsOf(each))),
    ...domains.map(({ domain, zone, nameServers }) =>
      fine("zone", zoneSubject(domain), `${zone ?? "unknown"}, at ${nameServers.join(", ") || "no name server"}`),
    ),
  ];
};

const wordsOf = ({ verified }: CredentialFacts): string =>
  verified && "result" in verified ? verified.result.status : "there";

const needsOf = ({ kind, subject }: Omit<Link, "needs">, facts: Facts): string[] => {
  const { edge, credentials } = facts;
  const { gateway, chain, controllers } = edge;
  const { namespace } = gateway.metadata;
  const id = (to: LinkKind) => (name: string) => idOf({ kind: to, subject: name });
  const deployments = (to: LinkKind, all: StandingEdge["proxies"], absent: string) =>
    (all.length > 0 ? all.map(subjects.deployment) : [absent]).map(id(to));
  const certManager = deployments("controller", controllers.certManager, "cert-manager");
  const envoyGateway = deployments("controller", controllers.envoyGateway, "Envoy Gateway");
  const theClass = id("class")(subjects.class(gateway));
  const theGateway = id("gateway")(subjects.gateway(gateway));
  const theProxies = deployments("proxies", edge.proxies, subjects.proxies(gateway));
  const theProtocol = edge.services.map((each) => id("proxy-protocol")(subjects.service(each)));
  const thePolicies = edge.policies.map((each) => id("policy")(subjects.policy(each, namespace)));
  const certificateId = (each: Certificate) => id("certificate")(subjects.certificate(each, namespace));
  const listenerIds = (protocol: string) =>
    gateway.spec.listeners
      .filter((each) => each.protocol === protocol)
      .map(({ name }) => id("listener")(subjects.listener(name, gateway)));
  const before = [...theProtocol, ...thePolicies, ...theProxies, theGateway];

  switch (kind) {
    case "controller":
      return subject.startsWith("Helm release") ? [] : [id("crds")(crdsSubject)];
    case "admission":
      return certManager;
    case "class":
      return envoyGateway;
    case "proxies":
      return [theClass, ...envoyGateway];
    case "gateway":
      return [theClass, ...theProxies];
    case "policy":
      return [theClass];
    case "issuer":
      return [...certManager, ...credentials.map((each) => id("credential")(credentialSubject(each)))];
    case "certificate": {
      const certificate = chain.certificates.find((each) => subjects.certificate(each, namespace) === subject);
      const names = (certificate?.spec.dnsNames ?? []).map((name) => name.replace(/^\*\./, ""));
      return [
        ...certManager,
        id("admission")(admissionSubject),
        id("clock")(clockSubject),
        ...(certificate ? [id("issuer")(subjects.issuer(certificate.spec.issuerRef.name))] : []),
        ...credentials.filter((each) => isFor(each, names)).map((each) => id("credential")(credentialSubject(each))),
        ...names.map((name) => id("zone")(zoneSubject(name))),
      ];
    }
    case "listener": {
      const listener = gateway.spec.listeners.find(({ name }) => subjects.listener(name, gateway) === subject);
      const secrets = listener?.tls?.certificateRefs?.map(({ name }) => name) ?? [];
      return [
        theClass,
        ...chain.certificates.filter(({ spec }) => secrets.includes(spec.secretName)).map(certificateId),
      ];
    }
    case "route": {
      const route = edge.routes.find((each) => subjects.route(each) === subject);
      const named = route?.spec.parentRefs?.flatMap(({ sectionName }) => sectionName ?? []) ?? [];
      return [
        theClass,
        ...gateway.spec.listeners
          .filter(({ name }) => named.length === 0 || named.includes(name))
          .map(({ name }) => id("listener")(subjects.listener(name, gateway))),
      ];
    }
    case "dns":
      return [
        theGateway,
        ...facts.domains
          .filter(({ domain }) => isWithin(subject, domain))
          .map(({ domain }) => id("zone")(zoneSubject(domain))),
      ];
    case "https": {
      const host = subject.replace("https://", "");
      const certificate = certificateFor(host, chain.certificates);
      const routes = edge.routes.filter(({ spec }) => spec.hostnames?.includes(host));
      return [
        ...before,
        ...listenerIds("HTTPS"),
        ...routes.map((each) => id("route")(subjects.route(each))),
        ...(certificate ? [certificateId(certificate)] : []),
      ];
    }
    case "redirect":
      return [...before, ...listenerIds("HTTP")];
    default:
      return [];
  }
};

/** A credential that was asked about zones is for their domains alone; of one that could not be asked, nobody knows. */
const isFor = ({ zones }: CredentialFacts, names: string[]): boolean => {
  const all = Object.keys(zones);
  return all.length === 0 || names.some((name) => all.some((zone) => isWithin(name, zone)));
};
