/** What a balancer tells in its Service's status: its address or addresses, or a name in the DNS instead. */
import type { V1LoadBalancerIngress, V1Service } from "@kubernetes/client-node";
import { nameServers } from "../cloudflare/account";
import type { Family } from "./addresses";

/** The zone of the names that the lab gives out itself, as elb.amazonaws.com is for AWS. */
export const zone = "elb.lab.example";

const prefix = "service.beta.kubernetes.io";

/** Any value: the clouds that always report a name. */
const byPresence = [`${prefix}/aws-load-balancer-type`];

/**
 * The lab's own annotation, for what clouds do by themselves: `hostname`; `nothing`, as a cloud whose quota is used up; or families of
 * addresses in the order in which they are told, such as `IPv6,IPv4,IPv4`.
 */
const report = "lab.https-edge/report";

/** Those that report a name when asked to. */
const byValue: Record<string, string> = {
  [report]: "hostname",
  [`${prefix}/scw-loadbalancer-use-hostname`]: "true",
  [`${prefix}/linode-loadbalancer-hostname-only-ingress`]: "true",
};

/** Those that report the very name they are given, which resolves only if its owner makes it. */
const verbatim = [
  `${prefix}/do-loadbalancer-hostname`,
  "load-balancer.hetzner.cloud/hostname",
  "loadbalancer.openstack.org/hostname",
];

/** The families of the addresses that a Service gets. */
export function families(service: V1Service): Family[] {
  const wanted = service.metadata?.annotations?.[report]?.match(/\bIPv[46]\b/g) as Family[] | undefined | null;
  return wanted ?? ["IPv4"];
}

export function ingress(service: V1Service, addresses: string[]): V1LoadBalancerIngress[] {
  const annotations = service.metadata?.annotations ?? {};
  if (annotations[report] === "nothing") return [];
  for (const key of verbatim) {
    const hostname = annotations[key];
    if (hostname) return [{ hostname }];
  }
  const named =
    service.spec?.loadBalancerClass === "service.k8s.aws/nlb" ||
    byPresence.some((key) => key in annotations) ||
    Object.entries(byValue).some(([key, value]) => annotations[key] === value);
  return named ? [{ hostname: hostname(service.metadata?.uid ?? "") }] : addresses.map((ip) => ({ ip }));
}

const hostname = (uid: string): string => `${uid}.${zone}`;

/** Every balancer has a name, reported or not. */
export function zoneFile(balancers: { uid: string; addresses: string[] }[], serial: number): string {
  const records = balancers.flatMap(({ uid, addresses }) =>
    addresses.map((address) => `${uid} IN ${address.includes(":") ? "AAAA" : "A"} ${address}\n`),
  );
  return `$ORIGIN ${zone}.
$TTL 60
@ IN SOA ${nameServers[0]}. dns.cloudflare.com. ${serial} 10000 2400 604800 60
${nameServers.map((each) => `@ IN NS ${each}.\n`).join("")}${records.join("")}`;
}
