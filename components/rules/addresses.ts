/** Addresses of the load balancer: which of those that are reported records can lead to, and of what type the records are. */
import { isWithin } from "./checks";

/** An address of the load balancer. */
export interface Address {
  type: "IPAddress" | "Hostname";
  value: string;
}

/** What a domain's records lead to: IP addresses, or one hostname. */
export type Addresses = [Address, ...Address[]];

/** Type of the record that leads to an address. */
export const recordType = ({ type, value }: Address): "A" | "AAAA" | "CNAME" => {
  if (type === "Hostname") return "CNAME";
  return value.includes(":") ? "AAAA" : "A";
};

/**
 * The addresses that records lead to, each once and sorted, since controllers report them in changing order; or what is wrong with them, and whether time may mend it.
 * IP addresses go before a hostname: a name with a CNAME record can have no other.
 */
export const addressesOf = (
  reported: { type?: string; value: string }[],
  domains: string[],
  namespace: string,
): { addresses: Addresses } | { problem: string; mayCome: boolean } => {
  const values = (type: Address["type"], of: typeof reported, written: (value: string) => string) =>
    [...new Set(of.map(({ value }) => written(value)))].map((value): Address => ({ type, value })).sort(byRecord);
  const hostnames = reported.filter(({ type }) => type === "Hostname");
  const [first, ...more] = values(
    "IPAddress",
    reported.filter((address) => !hostnames.includes(address)),
    shortest,
  );
  if (first) return { addresses: [first, ...more] };
  const [hostname] = values("Hostname", hostnames, bare);
  if (!hostname)
    return {
      problem: `gateway must have an address, got none (does the cluster give one to Services of type LoadBalancer? ${again(namespace)})`,
      mayCome: true,
    };
  if (ownDomain(hostname.value, domains))
    return {
      problem: `gateway must have an address outside its own domains, got "${hostname.value}" (records would lead to themselves; change what gives the load balancer this name, and ${again(namespace)})`,
      mayCome: false,
    };
  return { addresses: [hostname] };
};

const again = (namespace: string) => `run pulumi up again once kubectl get gateway -n ${namespace} shows one`;

/**
 * Annotations whose value the cloud's controller reports as the load balancer's name, whoever answers for that name. They keep kube-proxy
 * from taking a way past a balancer that sends the PROXY protocol: https://github.com/kubernetes/kubernetes/issues/66607
 */
const naming = [
  // https://github.com/digitalocean/digitalocean-cloud-controller-manager/blob/master/docs/controllers/services/annotations.md
  "service.beta.kubernetes.io/do-loadbalancer-hostname",
  // https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/main/docs/reference/load_balancer_annotations.md
  "load-balancer.hetzner.cloud/hostname",
  // https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/expose-applications-using-loadbalancer-type-service.md
  "loadbalancer.openstack.org/hostname",
  // https://github.com/vultr/vultr-cloud-controller-manager/blob/master/docs/load-balancers.md
  "service.beta.kubernetes.io/vultr-loadbalancer-hostname",
  // https://github.com/apache/cloudstack-kubernetes-provider/blob/main/docs/load-balancer.md
  "service.beta.kubernetes.io/cloudstack-load-balancer-hostname",
];

/** What is wrong with an annotation of the load balancer's Service. */
export const checkAnnotation = (key: string, value: string, domains: string[]): string | undefined => {
  const own = naming.includes(key) && ownDomain(value, domains);
  return own
    ? `must be a name outside the edge's domains, got "${value}" (the records of ${own} and *.${own} would lead to themselves; leave the annotation away, or give a name that has an A record of its own elsewhere)`
    : undefined;
};

/** The domain that a name is or lies below, where the wildcard covers it. */
const ownDomain = (name: string, domains: string[]): string | undefined =>
  domains.find((domain) => isWithin(bare(name), domain));

const bare = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** An IPv6 address has many forms. Cloudflare answers with the shortest, and any other would be a change in each preview. */
const shortest = (address: string): string =>
  address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

const byRecord = (a: Address, b: Address): number =>
  `${recordType(a)} ${a.value}` < `${recordType(b)} ${b.value}` ? -1 : 1;
