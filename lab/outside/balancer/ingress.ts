/** What a balancer tells in its Service's status: its address, or a name in the DNS instead. */
import type { V1LoadBalancerIngress, V1Service } from "@kubernetes/client-node";
import { nameServers } from "../cloudflare/account";

/** The zone of the names that the lab gives out itself, as elb.amazonaws.com is for AWS. */
export const zone = "elb.lab.example";

const prefix = "service.beta.kubernetes.io";

/** Any value: the clouds that always report a name. */
const byPresence = [`${prefix}/aws-load-balancer-type`];

/** Those that report a name when asked to. */
const byValue: Record<string, string> = {
  "lab.https-edge/report": "hostname",
  [`${prefix}/scw-loadbalancer-use-hostname`]: "true",
  [`${prefix}/linode-loadbalancer-hostname-only-ingress`]: "true",
};

/** Those that report the very name they are given, which resolves only if its owner makes it. */
const verbatim = [
  `${prefix}/do-loadbalancer-hostname`,
  "load-balancer.hetzner.cloud/hostname",
  "loadbalancer.openstack.org/hostname",
];

export const ingress = (service: V1Service, address: string): V1LoadBalancerIngress => {
  const annotations = service.metadata?.annotations ?? {};
  for (const key of verbatim) {
    const hostname = annotations[key];
    if (hostname) return { hostname };
  }
  const named =
    service.spec?.loadBalancerClass === "service.k8s.aws/nlb" ||
    byPresence.some((key) => key in annotations) ||
    Object.entries(byValue).some(([key, value]) => annotations[key] === value);
  return named ? { hostname: hostname(service.metadata?.uid ?? "") } : { ip: address };
};

const hostname = (uid: string): string => `${uid}.${zone}`;

/** Every balancer has a name, reported or not. */
export const zoneFile = (balancers: { uid: string; address: string }[], serial: number): string => `$ORIGIN ${zone}.
$TTL 60
@ IN SOA ${nameServers[0]}. dns.cloudflare.com. ${serial} 10000 2400 604800 60
${nameServers.map((each) => `@ IN NS ${each}.\n`).join("")}${balancers.map(({ uid, address }) => `${uid} IN A ${address}\n`).join("")}`;
