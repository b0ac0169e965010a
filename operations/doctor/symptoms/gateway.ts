/** What can be wrong with the Gateway, its listeners and what is before them, down to the client's address. */
import { isCloudflares } from "../../../components/rules/cloudflareRanges";
import type { Metadata } from "../../../components/standing/connection";
import { clientPolicy, endsOf, mustBeTrusted, subjects } from "../../checks";
import type { Facts } from "../facts";
import type { Sign, Symptom } from "../symptom";

const proxyProtocolDocs =
  "https://gateway.envoyproxy.io/docs/tasks/traffic/client-traffic-policy/#enable-proxy-protocol-for-downstream-client";
const forwardedDocs =
  "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for";

const describe = ({ edge: { gateway } }: Facts): string =>
  `kubectl describe gateway ${gateway.metadata.name} -n ${gateway.metadata.namespace}`;

/** https://gateway.envoyproxy.io/docs/api/extension_types/#clientipdetectionsettings */
interface ClientIPDetection {
  xForwardedFor?: { numTrustedHops?: number; trustedCIDRs?: string[] };
  customHeader?: { name: string };
}

const detection = (facts: Facts): ClientIPDetection | undefined =>
  (clientPolicy(facts.edge)?.spec as { clientIPDetection?: ClientIPDetection } | undefined)?.clientIPDetection;

/** Both ends of each of the proxies' Services. */
const ends = (facts: Facts) => facts.edge.services.map((service) => ({ service, ends: endsOf(facts.edge, service) }));

const ofPolicy = (facts: Facts, found: string): Sign[] => {
  const { namespace } = facts.edge.gateway.metadata;
  const policy = clientPolicy(facts.edge);
  return [
    {
      subject: policy ? subjects.policy(policy, namespace) : subjects.gateway(facts.edge.gateway),
      found,
      next: `kubectl get clienttrafficpolicy -n ${namespace} -o yaml`,
    },
  ];
};

/** Whether a host leads to Cloudflare's proxies and not to the Gateway. */
const isProxied = ({ outside: { hosts } }: Facts): boolean =>
  hosts.some(({ resolved }) => "addresses" in resolved && resolved.addresses.every(isCloudflares));

/** Whether clients reach the proxies with nothing that speaks HTTP in between: its own certificate is served where DNS leads. */
const isDirect = ({ outside: { hosts, addresses } }: Facts): boolean =>
  hosts.some(
    ({ resolved, answers }) =>
      "addresses" in resolved &&
      resolved.addresses.every((each) => addresses.includes(each)) &&
      Object.values(answers).some((answer) => "status" in answer),
  );

/** Whether the first address refuses the first host. */
const isRefused = ({ outside: { hosts, addresses } }: Facts): boolean => {
  const answer = hosts[0]?.answers[addresses[0] ?? ""];
  return answer !== undefined && "error" in answer && !answer.unreachable;
};

/** The rows as the doctor has them. */
export const gatewaySymptoms: Symptom<Facts>[] = [
  {
    name: "no-address",
    severity: "broken",
    at: "gateway",
    cause:
      "The load balancer of the proxies' Service has no address: the cluster has nobody who gives one, a quota is reached, or an annotation is refused.",
    cure: "See the Service's events; on bare metal install MetalLB, kube-vip or a cloud controller.",
    source: "https://github.com/envoyproxy/gateway/issues/5012",
    signs: ({ edge: { gateway, services }, cluster: { events } }) => {
      if ((gateway.status?.addresses ?? []).length > 0 || services.length === 0) return [];
      const [event] = events;
      const [service] = services;
      return [
        {
          subject: subjects.gateway(gateway),
          found: `no address for Service ${service?.metadata.name}${event ? `: ${event.message}` : ""}`,
          next: `kubectl describe service ${service?.metadata.name} -n ${service?.metadata.namespace}`,
        },
      ];
    },
  },
  {
    name: "listener-without-certificate",
    severity: "broken",
    at: "listener",
    cause: "The listener names a Secret that is not there, or that no certificate is in.",
    cure: "Have the certificate issued: its own link says what keeps it.",
    source: "https://gateway-api.sigs.k8s.io/guides/tls/",
    signs: (facts) =>
      facts.edge.gateway.spec.listeners.flatMap(({ name, tls }) => {
        const bad = (tls?.certificateRefs ?? []).find(
          ({ name: secret }) => !facts.cluster.secrets[secret]?.keys.includes("tls.crt"),
        );
        return bad
          ? [
              {
                subject: subjects.listener(name, facts.edge.gateway),
                found: `Secret ${facts.edge.gateway.metadata.namespace}/${bad.name} ${facts.cluster.secrets[bad.name] ? "has no tls.crt" : "is not there"}`,
                next: describe(facts),
              },
            ]
          : [];
      }),
  },
  {
    name: "certificate-expired",
    severity: "broken",
    at: "certificate",
    cause: "It was not renewed in time; clients refuse it.",
    cure: "Mend what has kept the renewal (its other findings say what), and renew.",
    source: "https://cert-manager.io/docs/usage/certificate/#renewal",
    signs: ({ edge: { chain, gateway }, outside: { at } }) =>
      chain.certificates.flatMap((certificate) => {
        const { notAfter } = certificate.status ?? {};
        return notAfter !== undefined && Date.parse(notAfter) <= at
          ? [
              {
                subject: subjects.certificate(certificate, gateway.metadata.namespace),
                found: `it ended on ${notAfter}`,
                next: "npx https-edge renew",
              },
            ]
          : [];
      }),
  },
  {
    name: "certificate-of-other-issuer",
    severity: "broken",
    at: "certificate",
    cause:
      "The Secret holds a certificate of another issuer than the Certificate asks for, such as one of the staging environment after the switch to production.",
    cure: "Have it issued anew; what keeps cert-manager from it has a finding of its own.",
    source: "https://letsencrypt.org/docs/staging-environment/",
    signs: ({ edge, cluster }) =>
      edge.chain.certificates.flatMap((certificate) => {
        const { secretName, issuerRef } = certificate.spec;
        const issuer = cluster.secrets[secretName]?.annotations["cert-manager.io/issuer-name"];
        const refused = (certificate.spec.dnsNames ?? []).some((name) => mustBeTrusted(name, edge));
        return issuer !== undefined && issuer !== issuerRef.name
          ? [
              {
                subject: subjects.certificate(certificate, edge.gateway.metadata.namespace),
                found: `the one in Secret ${secretName} is of issuer ${issuer}, and ${issuerRef.name} is asked for${refused ? "; clients refuse it" : ""}`,
                next: "npx https-edge renew",
              },
            ]
          : [];
      }),
  },
  {
    name: "configuration-rejected",
    severity: "broken",
    at: "proxies",
    cause:
      "The proxies refuse what Envoy Gateway sends them and go on with what they have, so that no change of anybody's comes into force.",
    cure: "Undo the last change of a route or a policy; the controller's log names what was refused.",
    source:
      "https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#ack-nack-and-resource-type-instance-version",
    signs: ({ edge, cluster: { rejections }, outside: { at } }) => {
      const changed = lastChange(edge, at);
      const stuck = rejections.filter(
        ({ refused, lastTaken, lacks }) => lacks || (refused > 0 && lastTaken > 0 && lastTaken + skew < changed),
      );
      const [first] = stuck;
      if (!first) return [];
      const taken = first.lacks
        ? "have never taken one of some kind"
        : `took the last on ${new Date(first.lastTaken).toISOString()}, before the last change of a route or a policy`;
      return edge.proxies.slice(0, 1).map((proxies) => ({
        subject: subjects.deployment(proxies),
        found: `${stuck.length} of ${rejections.length} refused updates, and ${taken}`,
        next: "kubectl logs -n envoy-gateway-system -l control-plane=envoy-gateway | grep -i reject",
      }));
    },
  },
  {
    name: "proxy-header-not-taken",
    severity: "broken",
    at: "proxy-protocol",
    cause:
      "The load balancer begins each connection with a PROXY header, and the proxies take it for a broken request: every connection is reset.",
    cure: "Set proxyProtocol.phase prepare, so that the proxies take both, before the load balancer is told.",
    source: proxyProtocolDocs,
    signs: (facts) =>
      ends(facts).flatMap(({ service, ends: { proxies, balancer } }) =>
        balancer && proxies === "none"
          ? [
              {
                subject: subjects.service(service),
                found: "the load balancer is told to send it, and the proxies take none",
                next: `kubectl get service ${service.metadata.name} -n ${service.metadata.namespace} -o yaml`,
              },
            ]
          : [],
      ),
  },
  {
    name: "proxy-header-not-sent",
    severity: "broken",
    at: "proxy-protocol",
    cause:
      "The proxies take no connection without a PROXY header, and the load balancer sends none: every connection is reset, of clients within the cluster, too.",
    cure: "Tell the load balancer (proxyProtocol.loadBalancer and phase enable before enforce), or let the proxies take both.",
    source: proxyProtocolDocs,
    signs: (facts) =>
      ends(facts).flatMap(({ service, ends: { proxies, balancer } }) => {
        const isReset = isRefused(facts) && facts.withHeader && "served" in facts.withHeader;
        return proxies === "strict" && (!balancer || isReset)
          ? [
              {
                subject: subjects.service(service),
                found: `the proxies take no connection without it, and the load balancer ${balancer ? "sends none, whatever it is told" : "is not told to send it"}`,
                next: `kubectl get service ${service.metadata.name} -n ${service.metadata.namespace} -o yaml`,
              },
            ]
          : [];
      }),
  },
  {
    name: "proxy-header-forgeable",
    severity: "risk",
    at: "proxy-protocol",
    cause:
      "The proxies take connections with a PROXY header and without, as is right on the way to it: whoever reaches them otherwise than through the load balancer can claim any address.",
    cure: "Go on to the next phase, or back to off.",
    source: proxyProtocolDocs,
    signs: (facts) =>
      ends(facts).flatMap(({ service, ends: { proxies, balancer } }) =>
        proxies === "optional"
          ? [
              {
                subject: subjects.service(service),
                found: `the proxies take both, and the load balancer is ${balancer ? "" : "not "}told to send it`,
                next: `pulumi config set --path https-edge:proxyProtocol.phase ${balancer ? "enforce" : "enable"} && pulumi up`,
              },
            ]
          : [],
      ),
  },
  {
    name: "trusted-hops-forgeable",
    severity: "risk",
    at: "policy",
    cause:
      "The proxies believe X-Forwarded-For of a proxy before them, and there is none: a load balancer that hands TLS through adds nothing, so clients write what they like.",
    cure: "Leave trustedProxies away, or name the ranges of the proxies that there are.",
    source: forwardedDocs,
    signs: (facts) => {
      const hops = detection(facts)?.xForwardedFor?.numTrustedHops;
      return hops !== undefined && isDirect(facts) && !isProxied(facts)
        ? ofPolicy(
            facts,
            `${hops} ${hops === 1 ? "hop is" : "hops are"} trusted, and clients reach the proxies directly`,
          )
        : [];
    },
  },
  {
    name: "trusted-hops-missing",
    severity: "risk",
    at: "policy",
    cause:
      "Requests come by Cloudflare's proxies, and the edge does not believe what they say of the client: every application sees Cloudflare's address in place of the client's.",
    cure: "Set trustedProxies.cloudflare, or cloudflare.proxied, which does.",
    source: "https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip",
    signs: (facts) =>
      isProxied(facts) && !detection(facts)
        ? ofPolicy(facts, "hosts lead to Cloudflare's proxies, and none is trusted")
        : [],
  },
];

/** Milliseconds between a change and its coming into force. */
const grace = 10_000;

/** Milliseconds by which the clocks of a proxy and of the API server may differ. */
const skew = 1_000;

/** When somebody last changed what the proxies are configured by, but for the last moments. */
const lastChange = ({ gateway, routes, policies }: Facts["edge"], at: number): number => {
  const all: Metadata[] = [gateway, ...routes, ...policies].map(({ metadata }) => metadata);
  const times = all.flatMap(({ managedFields = [] }) =>
    managedFields.filter(({ subresource }) => subresource === undefined).map(({ time = "" }) => Date.parse(time)),
  );
  return Math.max(0, ...times.filter((time) => time + grace < at));
};
