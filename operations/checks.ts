/** What must be so for an edge to serve, and whether it is: pure functions of what was seen. */
import { letsEncryptServers } from "../components/rules/acme";
import { isCloudflares } from "../components/rules/cloudflareRanges";
import { type Ends, phaseOf } from "../components/rules/proxyProtocol";
import { type Conditioned, condition, inWords } from "../components/standing/condition";
import { lookAt, renewalFailure } from "../components/standing/issuance";
import { proxiesEnd, sends } from "../components/standing/proxyProtocol";
import { type Answer, type AskedHost, type Outside, type Plain, plainPath } from "./outside";
import {
  attachments,
  type Certificate,
  type Deployment,
  type Gateway,
  type Policy,
  type Route,
  type Service,
  type StandingEdge,
  targetsOf,
} from "./standingEdge";

/** What is looked at, from the inside to the outside. */
export type CheckName =
  | "controller"
  | "proxies"
  | "class"
  | "gateway"
  | "listener"
  | "issuer"
  | "certificate"
  | "policy"
  | "proxy-protocol"
  | "route"
  | "dns"
  | "https"
  | "redirect";

/** One thing that was looked at. */
export interface Check {
  check: CheckName;
  /** Such as `Certificate envoy-gateway/wildcard-example-com`, or an address in the internet. */
  subject: string;
  /** `warning`: it serves, and somebody should know. */
  result: "ok" | "warning" | "failed";
  /** What was found, in words. */
  found: string;
  /** The next command, or what to do. */
  next?: string;
}

const placeOf = ({ namespace, name }: { namespace?: string; name: string }): string =>
  namespace ? `${namespace}/${name}` : name;

/** How the objects that are looked at are named. */
export const subjects = {
  deployment: ({ metadata }: Pick<Deployment, "metadata">) => `Deployment ${placeOf(metadata)}`,
  proxies: ({ metadata }: Gateway) => `of Gateway ${placeOf(metadata)}`,
  class: ({ spec }: Gateway) => `GatewayClass ${spec.gatewayClassName}`,
  gateway: ({ metadata }: Gateway) => `Gateway ${placeOf(metadata)}`,
  listener: (name: string, { metadata }: Gateway) => `listener ${name} of Gateway ${placeOf(metadata)}`,
  issuer: (name: string) => `ClusterIssuer ${name}`,
  certificate: ({ metadata: { name } }: Certificate, namespace: string | undefined) =>
    `Certificate ${namespace}/${name}`,
  policy: ({ kind, metadata: { name } }: Policy, namespace: string | undefined) => `${kind} ${namespace}/${name}`,
  service: ({ metadata: { name } }: Service) => `Service ${name}`,
  route: ({ metadata }: Route) => `HTTPRoute ${placeOf(metadata)}`,
  https: (host: string) => `https://${host}`,
  redirect: (host: string, address: string) => `http://${host} at ${address}`,
};

/** Milliseconds by which cert-manager may be late. */
const hour = 3_600_000;

/** All checks of an edge, in the order of `CheckName`. */
export const checksOf = (edge: StandingEdge, outside: Outside): Check[] => [
  ...controllers(edge),
  ...proxies(edge),
  gatewayClass(edge),
  gateway(edge),
  ...listeners(edge),
  ...issuers(edge),
  ...certificates(edge, outside),
  ...policies(edge),
  ...proxyProtocol(edge),
  ...routes(edge),
  ...outside.hosts.map((host) => dns(host, outside)),
  // Without an address there is nothing to ask, and the Gateway's own check says so.
  ...(outside.addresses.length > 0 ? outside.hosts.map((host) => https(host, edge, outside)) : []),
  ...redirects(edge, outside),
];

/** What can be said of one thing; `next` is what to do where it is not right. */
const about = (check: CheckName, subject: string, next: string) => ({
  ok: (found: string): Check => ({ check, subject, result: "ok", found }),
  warning: (found: string): Check => ({ check, subject, result: "warning", found, next }),
  failed: (found: string): Check => ({ check, subject, result: "failed", found, next }),
});

/** The first of an object's conditions that is not True as the object is now, in words. */
const objection = (object: Conditioned, ...types: string[]): string | undefined => {
  const type = types.find((each) => condition(object, each)?.status !== "True");
  if (!type) return undefined;
  const bad = condition(object, type);
  return `not ${type}${bad ? `: ${inWords(bad)}` : " yet"}`;
};

const isAbsent = "is not there";

const describeGateway = ({ gateway: { metadata } }: StandingEdge): string =>
  `kubectl describe gateway ${metadata.name} -n ${metadata.namespace}`;

const pods = (check: CheckName, { metadata, spec, status }: Deployment): Check => {
  const say = about(check, subjects.deployment({ metadata }), `kubectl describe pods -n ${metadata.namespace}`);
  const [has, wants] = [status?.availableReplicas ?? 0, spec.replicas ?? 1];
  const found = `${has} of ${wants} pods available`;
  if (has === 0) return say.failed(found);
  return has < wants ? say.warning(found) : say.ok(found);
};

const controllers = ({ controllers: { certManager, envoyGateway } }: StandingEdge): Check[] =>
  Object.entries({ "cert-manager": certManager, "Envoy Gateway": envoyGateway }).flatMap(([name, found]) =>
    found.length > 0
      ? found.map((each) => pods("controller", each))
      : [about("controller", name, "kubectl get deployments -A").failed(isAbsent)],
  );

const proxies = (edge: StandingEdge): Check[] =>
  edge.proxies.length > 0
    ? edge.proxies.map((each) => pods("proxies", each))
    : [about("proxies", subjects.proxies(edge.gateway), describeGateway(edge)).failed(isAbsent)];

const gatewayClass = ({ gateway: each, gatewayClass: found }: StandingEdge): Check => {
  const say = about("class", subjects.class(each), `kubectl describe gatewayclass ${each.spec.gatewayClassName}`);
  const wrong = found ? objection(found, "Accepted") : isAbsent;
  return wrong ? say.failed(wrong) : say.ok("Accepted");
};

const gateway = (edge: StandingEdge): Check => {
  const { status } = edge.gateway;
  const say = about("gateway", subjects.gateway(edge.gateway), describeGateway(edge));
  const addresses = status?.addresses?.map(({ value }) => value) ?? [];
  const wrong =
    objection(edge.gateway, "Accepted", "Programmed") ?? (addresses.length === 0 ? "has no address" : undefined);
  return wrong ? say.failed(wrong) : say.ok(`at ${addresses.join(", ")}`);
};

const listeners = (edge: StandingEdge): Check[] => {
  const { metadata, spec, status } = edge.gateway;
  return spec.listeners.map(({ name }) => {
    const say = about("listener", subjects.listener(name, edge.gateway), describeGateway(edge));
    const found = status?.listeners?.find((each) => each.name === name);
    if (!found) return say.failed(isAbsent);
    const { conditions, attachedRoutes } = found;
    const wrong = objection({ metadata, status: { conditions } }, "Accepted", "ResolvedRefs", "Programmed");
    return wrong ? say.failed(wrong) : say.ok(`${attachedRoutes} ${attachedRoutes === 1 ? "route" : "routes"}`);
  });
};

const issuers = ({ chain, issuers: found }: StandingEdge): Check[] => {
  const used = chain.certificates.filter(({ spec }) => spec.issuerRef.kind === "ClusterIssuer");
  return [...new Set(used.map(({ spec }) => spec.issuerRef.name))].map((name) => {
    const say = about("issuer", subjects.issuer(name), `kubectl describe clusterissuer ${name}`);
    const issuer = found.find(({ metadata }) => metadata.name === name);
    const wrong = issuer ? objection(issuer, "Ready") : isAbsent;
    return wrong ? say.failed(wrong) : say.ok(issuer?.spec.acme?.server ?? "Ready");
  });
};

/** A certificate whose renewal is late, or has failed, is served as long as it lives. */
const certificates = ({ chain, gateway: { metadata } }: StandingEdge, { at }: Outside): Check[] =>
  chain.certificates.map((certificate) => {
    const { name } = certificate.metadata;
    const say = about(
      "certificate",
      subjects.certificate(certificate, metadata.namespace),
      `kubectl describe certificate,certificaterequest,order,challenge -n ${metadata.namespace}`,
    );
    const look = lookAt(name, chain);
    if (!look) return say.failed(isAbsent);
    if (!("done" in look)) return say.failed("failed" in look ? look.failed : look.waiting);
    const { notAfter = "", renewalTime = "" } = look.done;
    if (Date.parse(notAfter) <= at) return say.failed(`ended on ${notAfter}`);
    const found = `until ${notAfter}, renewed from ${renewalTime}`;
    const failed = renewalFailure(name, chain);
    if (failed) return say.warning(`${found}: the renewal failed: ${failed}`);
    return at - Date.parse(renewalTime) > hour ? say.warning(`${found}: the renewal is late`) : say.ok(found);
  });

const policies = ({ policies: found, gateway: { metadata: gateway } }: StandingEdge): Check[] =>
  found.map((policy) => {
    const { kind, metadata, status } = policy;
    const next = `kubectl describe ${kind.toLowerCase()} ${metadata.name} -n ${gateway.namespace}`;
    const say = about("policy", subjects.policy(policy, gateway.namespace), next);
    const ours = status?.ancestors?.find(({ ancestorRef }) => ancestorRef.name === gateway.name);
    const wrong = objection({ metadata, status: { conditions: ours?.conditions } }, "Accepted");
    return wrong ? say.failed(wrong) : say.ok("Accepted");
  });

const taking: Record<Ends["proxies"], string> = {
  none: "take none",
  optional: "take connections with it and without",
  strict: "take no connection without it",
};

/** The policy by which the Gateway's proxies take PROXY protocol. */
export const clientPolicy = ({ policies: all }: StandingEdge): Policy | undefined =>
  all.find((each) => each.kind === "ClientTrafficPolicy" && targetsOf(each).some(({ sectionName }) => !sectionName));

/** What the two ends of PROXY protocol are told, by one of the proxies' Services. */
export const endsOf = (edge: StandingEdge, service: Service): Ends => ({
  proxies: proxiesEnd(clientPolicy(edge)),
  balancer: sends(service),
});

/** Both ends must speak it, or none. Where the proxies take both, clients may claim any address. */
const proxyProtocol = (edge: StandingEdge): Check[] =>
  edge.services.map((service) => {
    const say = about(
      "proxy-protocol",
      subjects.service(service),
      "set proxyProtocol.phase, a step at a time, and run pulumi up",
    );
    const ends = endsOf(edge, service);
    const found = `the load balancer is ${ends.balancer ? "" : "not "}told to send it, and the proxies ${taking[ends.proxies]}`;
    if (!phaseOf(ends)) return say.failed(`${found}: every connection is reset`);
    return ends.proxies === "optional"
      ? say.warning(`${found}: whoever reaches the proxies can claim an address`)
      : say.ok(found);
  });

const routes = ({ routes: found, gateway }: StandingEdge): Check[] =>
  found.map((route) => {
    const { metadata, spec } = route;
    const say = about(
      "route",
      subjects.route(route),
      `kubectl describe httproute ${metadata.name} -n ${metadata.namespace}`,
    );
    const all = attachments(gateway, route);
    if (all.length === 0) return say.failed("not seen by the Gateway's controller yet");
    const [wrong] = all.flatMap((each) => objection(each, "Accepted", "ResolvedRefs") ?? []);
    return wrong ? say.failed(wrong) : say.ok(spec.hostnames?.join(", ") ?? "every host");
  });

const dns = ({ host, resolved }: AskedHost, { addresses }: Outside): Check => {
  const say = about("dns", host, `dig ${host}`);
  if ("error" in resolved) return say.failed(resolved.error);
  const found = resolved.addresses.join(", ");
  // Without an address of the Gateway's there is nothing to compare with, and its own check says so.
  if (addresses.length === 0 || resolved.addresses.every((address) => addresses.includes(address)))
    return say.ok(found);
  return resolved.addresses.every(isCloudflares)
    ? say.ok(`${found}, of Cloudflare's proxies`)
    : say.failed(`${found}, while the Gateway is at ${addresses.join(", ")}`);
};

/** Let's Encrypt's production certificates must be trusted everywhere; of another CA's, this machine may not know the root. */
export const mustBeTrusted = (host: string, { chain, issuers: all }: StandingEdge): boolean => {
  const certificate = certificateFor(host, chain.certificates);
  const issuer = all.find(({ metadata }) => metadata.name === certificate?.spec.issuerRef.name);
  return issuer?.spec.acme?.server === letsEncryptServers.production;
};

export const covers = (name: string, host: string): boolean =>
  name === host || (name.startsWith("*.") && host.slice(host.indexOf(".")) === name.slice(1));

export const certificateFor = (host: string, all: Certificate[]): Certificate | undefined =>
  all.find(({ spec }) => spec.dnsNames?.some((name) => covers(name, host)));

/** Answers of the addresses to which there is a way from here; all, where there is none to any. */
const reached = <T extends object>(answers: Record<string, T>): [string, T][] => {
  const all = Object.entries(answers);
  const some = all.filter(([, answer]) => !("unreachable" in answer));
  return some.length > 0 ? some : all;
};

const https = ({ host, answers }: AskedHost, edge: StandingEdge, outside: Outside): Check => {
  const all = reached(answers);
  const [[address = ""] = []] = all;
  const say = about("https", subjects.https(host), `curl -v --resolve ${host}:443:${address} https://${host}`);
  const problems = all.flatMap(([each, answer]) => {
    const problem = problemOf(host, answer, edge, outside);
    return problem ? [`${each}: ${problem}`] : [];
  });
  const [first] = all.flatMap(([, answer]) => ("status" in answer ? [answer] : []));
  if (problems.length > 0 || !first) return say.failed(problems.join("; "));
  const { status, protocol, issuer, untrusted } = first;
  const found = `${status} by ${protocol}, certificate of ${issuer}`;
  if (status >= 500) return say.warning(`${found}: the application fails`);
  return say.ok(untrusted ? `${found}, which this machine does not trust` : found);
};

const problemOf = (host: string, answer: Answer, edge: StandingEdge, { at }: Outside): string | undefined => {
  if ("error" in answer) return answer.error;
  const { names, ends, issuer, untrusted } = answer;
  if (!names.some((name) => covers(name, host))) return `a certificate for ${names.join(", ")}, of ${issuer}`;
  if (ends <= at) return `a certificate that ended on ${new Date(ends).toISOString()}`;
  const stands = certificateFor(host, edge.chain.certificates)?.status?.notAfter;
  if (stands !== undefined && Date.parse(stands) !== ends)
    return `a certificate until ${new Date(ends).toISOString()}, while the one in the cluster is until ${stands}`;
  return untrusted && mustBeTrusted(host, edge) ? `a certificate that is not trusted: ${untrusted}` : undefined;
};

const redirects = ({ gateway: { spec } }: StandingEdge, { plain, hosts: [first] }: Outside): Check[] =>
  first && spec.listeners.some(({ protocol }) => protocol === "HTTP")
    ? reached(plain).map(([address, answer]) => redirect(first.host, address, answer))
    : [];

const redirect = (host: string, address: string, answer: Plain): Check => {
  const say = about(
    "redirect",
    subjects.redirect(host, address),
    `curl -v --resolve ${host}:80:${address} http://${host}`,
  );
  if ("error" in answer) return say.failed(answer.error);
  const { status, location = "nowhere" } = answer;
  const found = `${status} to ${location}`;
  return status === 301 && location === `https://${host}${plainPath}` ? say.ok(found) : say.failed(found);
};
