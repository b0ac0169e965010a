/** What must be so for an edge to serve, and whether it is: pure functions of what was seen. */
import { isCloudflares } from "../components/rules/cloudflareRanges";
import { phaseOf } from "../components/rules/proxyProtocol";
import { type Conditioned, condition, inWords } from "../components/standing/condition";
import { lookAt } from "../components/standing/issuance";
import { type ClientTraffic, proxiesEnd, sends } from "../components/standing/proxyProtocol";
import type { Answer, AskedHost, Outside, Plain } from "./outside";
import { type Certificate, type Deployment, leadsTo, type StandingEdge, targetsOf } from "./standingEdge";

/** What was looked at, from the inside to the outside. */
export const checkNames = [
  "controller",
  "proxies",
  "class",
  "gateway",
  "listener",
  "issuer",
  "certificate",
  "policy",
  "proxy-protocol",
  "route",
  "dns",
  "https",
  "redirect",
] as const;

/** One thing that was looked at. */
export interface Check {
  check: (typeof checkNames)[number];
  /** Such as `Certificate envoy-gateway/wildcard-example-com`, or an address in the internet. */
  subject: string;
  /** `warning`: it serves, and somebody should know. */
  result: "ok" | "warning" | "failed";
  /** What was found, in words. */
  found: string;
  /** The next command, or what to do. */
  next?: string;
}

const day = 86_400_000;

/** All checks of an edge, in the order of `checkNames`. */
export const checksOf = (edge: StandingEdge, outside: Outside): Check[] => [
  ...controllers(edge),
  ...proxies(edge),
  ...gatewayClass(edge),
  ...gateway(edge),
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

/** Whether a condition is True, as it is now. */
const judged = (check: Check["check"], subject: string, object: Conditioned, types: string[], next: string): Check => {
  const all = types.map((type) => [type, condition(object, type)] as const);
  const bad = all.find(([, each]) => each?.status !== "True");
  if (!bad) return { check, subject, result: "ok", found: types.join(", ") };
  const [type, each] = bad;
  return { check, subject, result: "failed", found: `not ${type}${each ? `: ${inWords(each)}` : " yet"}`, next };
};

const placeOf = ({ namespace, name }: { namespace?: string; name: string }): string =>
  namespace ? `${namespace}/${name}` : name;

const pods = (check: Check["check"], { metadata, spec, status }: Deployment): Check => {
  const [has, wants] = [status?.availableReplicas ?? 0, spec.replicas ?? 1];
  const found = `${has} of ${wants} pods available`;
  const subject = `Deployment ${placeOf(metadata)}`;
  const next = `kubectl describe pods -n ${metadata.namespace}`;
  if (has === 0) return { check, subject, result: "failed", found, next };
  return has < wants ? { check, subject, result: "warning", found, next } : { check, subject, result: "ok", found };
};

const absent = (check: Check["check"], subject: string, next: string): Check => ({
  check,
  subject,
  result: "failed",
  found: "is not there",
  next,
});

const controllers = ({ controllers: { certManager, envoyGateway } }: StandingEdge): Check[] =>
  (
    [
      ["cert-manager", certManager],
      ["Envoy Gateway", envoyGateway],
    ] as const
  ).flatMap(([name, found]) =>
    found.length > 0
      ? found.map((each) => pods("controller", each))
      : [absent("controller", name, "kubectl get deployments -A")],
  );

const proxies = ({ proxies: found, gateway: { metadata } }: StandingEdge): Check[] =>
  found.length > 0
    ? found.map((each) => pods("proxies", each))
    : [
        absent(
          "proxies",
          `of Gateway ${placeOf(metadata)}`,
          `kubectl describe gateway ${metadata.name} -n ${metadata.namespace}`,
        ),
      ];

const gatewayClass = ({ gateway: { spec }, gatewayClass: found }: StandingEdge): Check[] => {
  const subject = `GatewayClass ${spec.gatewayClassName}`;
  const next = `kubectl describe gatewayclass ${spec.gatewayClassName}`;
  return [found ? judged("class", subject, found, ["Accepted"], next) : absent("class", subject, next)];
};

const gateway = ({ gateway: found }: StandingEdge): Check[] => {
  const { metadata, status } = found;
  const subject = `Gateway ${placeOf(metadata)}`;
  const next = `kubectl describe gateway ${metadata.name} -n ${metadata.namespace}`;
  const check = judged("gateway", subject, found, ["Accepted", "Programmed"], next);
  const addresses = status?.addresses?.map(({ value }) => value) ?? [];
  if (addresses.length > 0) return [check.result === "ok" ? { ...check, found: `at ${addresses.join(", ")}` } : check];
  return [check.result === "ok" ? { ...check, result: "failed", found: "has no address", next } : check];
};

const listeners = ({ gateway: { metadata, spec, status } }: StandingEdge): Check[] =>
  spec.listeners.map(({ name }) => {
    const subject = `listener ${name} of Gateway ${placeOf(metadata)}`;
    const next = `kubectl describe gateway ${metadata.name} -n ${metadata.namespace}`;
    const found = status?.listeners?.find((each) => each.name === name);
    if (!found) return absent("listener", subject, next);
    const { conditions, attachedRoutes } = found;
    const object = { metadata, status: { conditions } } as unknown as Conditioned;
    const check = judged("listener", subject, object, ["Accepted", "ResolvedRefs", "Programmed"], next);
    return check.result === "ok"
      ? { ...check, found: `${attachedRoutes} ${attachedRoutes === 1 ? "route" : "routes"}` }
      : check;
  });

const issuers = ({ chain, issuers: found }: StandingEdge): Check[] => {
  const used = chain.certificates.filter(({ spec }) => spec.issuerRef.kind === "ClusterIssuer");
  return [...new Set(used.map(({ spec }) => spec.issuerRef.name))].map((name) => {
    const subject = `ClusterIssuer ${name}`;
    const next = `kubectl describe clusterissuer ${name}`;
    const issuer = found.find(({ metadata }) => metadata.name === name);
    if (!issuer) return absent("issuer", subject, next);
    const check = judged("issuer", subject, issuer, ["Ready"], next);
    return check.result === "ok" ? { ...check, found: issuer.spec.acme?.server ?? check.found } : check;
  });
};

/** A certificate whose renewal is late is served as long as it lives. */
const certificates = ({ chain, gateway: { metadata } }: StandingEdge, { at }: Outside): Check[] =>
  chain.certificates.map((certificate): Check => {
    const { name } = certificate.metadata;
    const check = "certificate";
    const subject = `Certificate ${metadata.namespace}/${name}`;
    const next = `kubectl describe certificate,certificaterequest,order,challenge -n ${metadata.namespace}`;
    const look = lookAt(name, chain);
    if (!look || !("done" in look)) {
      const found = look && ("failed" in look ? look.failed : look.waiting);
      return { check, subject, result: "failed", found: found ?? "is not there", next };
    }
    const { notAfter = "", renewalTime = "" } = look.done;
    const found = `until ${notAfter}, renewed from ${renewalTime}`;
    if (Date.parse(notAfter) <= at) return { check, subject, result: "failed", found: `ended on ${notAfter}`, next };
    const late = at - Date.parse(renewalTime) > day / 24;
    return late
      ? { check, subject, result: "warning", found: `${found}: the renewal is late`, next }
      : { check, subject, result: "ok", found };
  });

const policies = ({ policies: found, gateway: { metadata: gateway } }: StandingEdge): Check[] =>
  found.map((policy) => {
    const { kind, metadata, status } = policy;
    const next = `kubectl describe ${kind.toLowerCase()} ${metadata.name} -n ${gateway.namespace}`;
    const ours = status?.ancestors?.find(({ ancestorRef }) => ancestorRef.name === gateway.name);
    const object = { metadata, status: { conditions: ours?.conditions ?? [] } };
    return judged("policy", `${kind} ${gateway.namespace}/${metadata.name}`, object, ["Accepted"], next);
  });

/** Both ends must speak it, or none. Where the proxies take both, clients may claim any address. */
const proxyProtocol = ({ policies: all, services }: StandingEdge): Check[] =>
  services.map((service): Check => {
    const policy = all.find(
      (each) => each.kind === "ClientTrafficPolicy" && targetsOf(each).some(({ sectionName }) => !sectionName),
    );
    const ends = { proxies: proxiesEnd(policy as ClientTraffic | undefined), balancer: sends(service) };
    const check = "proxy-protocol";
    const subject = `Service ${service.metadata.name}`;
    const phase = phaseOf(ends);
    const told = `the load balancer is ${ends.balancer ? "" : "not "}told to send it, and the proxies ${{ none: "take none", optional: "take connections with it and without", strict: "take no connection without it" }[ends.proxies]}`;
    if (!phase)
      return {
        check,
        subject,
        result: "failed",
        found: `${told}: every connection is reset`,
        next: "set proxyProtocol.phase and run pulumi up",
      };
    if (ends.proxies === "optional")
      return {
        check,
        subject,
        result: "warning",
        found: `${told}: whoever reaches the proxies can claim an address`,
        next: "go on to proxyProtocol.phase enforce, or back to off",
      };
    return { check, subject, result: "ok", found: told };
  });

const routes = ({ routes: found, gateway }: StandingEdge): Check[] =>
  found.map(({ metadata, spec, status }): Check => {
    const subject = `HTTPRoute ${placeOf(metadata)}`;
    const next = `kubectl describe httproute ${metadata.name} -n ${metadata.namespace}`;
    const parents = (status?.parents ?? []).filter(({ parentRef }) => leadsTo(gateway, metadata.namespace)(parentRef));
    if (parents.length === 0)
      return { check: "route", subject, result: "failed", found: "not seen by the Gateway's controller yet", next };
    const all = parents.map(({ conditions }) =>
      judged(
        "route",
        subject,
        { metadata: metadata as Conditioned["metadata"], status: { conditions } },
        ["Accepted", "ResolvedRefs"],
        next,
      ),
    );
    const hosts = spec.hostnames?.join(", ") ?? "every host";
    return all.find(({ result }) => result === "failed") ?? { check: "route", subject, result: "ok", found: hosts };
  });

const dns = ({ host, resolved }: AskedHost, { addresses }: Outside): Check => {
  const check = "dns";
  const next = `dig ${host}`;
  if ("error" in resolved) return { check, subject: host, result: "failed", found: resolved.error, next };
  const found = resolved.addresses.join(", ");
  if (addresses.length === 0 || resolved.addresses.every((address) => addresses.includes(address)))
    return { check, subject: host, result: "ok", found };
  if (resolved.addresses.every(isCloudflares))
    return { check, subject: host, result: "ok", found: `${found}, of Cloudflare's proxies` };
  return {
    check,
    subject: host,
    result: "failed",
    found: `${found}, while the Gateway is at ${addresses.join(", ")}`,
    next,
  };
};

/** Let's Encrypt's production certificates must be trusted everywhere; of another CA's, this machine may not know the root. */
const mustBeTrusted = (host: string, { chain, issuers: all }: StandingEdge): boolean => {
  const certificate = certificateFor(host, chain.certificates);
  const issuer = all.find(({ metadata }) => metadata.name === certificate?.spec.issuerRef.name);
  return issuer?.spec.acme?.server === "https://acme-v02.api.letsencrypt.org/directory";
};

const covers = (name: string, host: string): boolean =>
  name === host || (name.startsWith("*.") && host.slice(host.indexOf(".")) === name.slice(1));

const certificateFor = (host: string, all: Certificate[]): Certificate | undefined =>
  all.find(({ spec }) => spec.dnsNames?.some((name) => covers(name, host)));

const https = (asked: AskedHost, edge: StandingEdge, outside: Outside): Check => {
  const { host, answers } = asked;
  const check = "https";
  const subject = `https://${host}`;
  const all = Object.entries(answers);
  const problems = all.flatMap(([address, answer]) => {
    const problem = problemOf(host, answer, edge, outside);
    return problem ? [`${address}: ${problem}`] : [];
  });
  if (problems.length > 0)
    return {
      check,
      subject,
      result: "failed",
      found: problems.join("; "),
      next: `curl -v --resolve ${host}:443:${all[0]?.[0]} ${subject}`,
    };
  const [first] = all.flatMap(([, answer]) => ("status" in answer ? [answer] : []));
  const { status = 0, protocol, issuer, untrusted } = first ?? {};
  const told = `${status} by ${protocol}, certificate of ${issuer}`;
  if (status >= 500) return { check, subject, result: "warning", found: `${told}: the application fails` };
  return { check, subject, result: "ok", found: untrusted ? `${told}, which this machine does not trust` : told };
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

const redirects = ({ gateway: { spec } }: StandingEdge, { plain, hosts }: Outside): Check[] => {
  const [{ host } = { host: "" }] = hosts;
  if (!spec.listeners.some(({ protocol }) => protocol === "HTTP")) return [];
  return Object.entries(plain).map(([address, answer]) => redirect(host, address, answer));
};

const redirect = (host: string, address: string, answer: Plain): Check => {
  const check = "redirect";
  const subject = `http://${host} at ${address}`;
  const next = `curl -v --resolve ${host}:80:${address} http://${host}`;
  if ("error" in answer) return { check, subject, result: "failed", found: answer.error, next };
  const { status, location = "nowhere" } = answer;
  const found = `${status} to ${location}`;
  const isRight = status === 301 && location === `https://${host}/path?query`;
  return isRight ? { check, subject, result: "ok", found } : { check, subject, result: "failed", found, next };
};
