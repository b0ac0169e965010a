/** The clouds' load balancers, as far as PROXY protocol goes: how each is told to send it, and what else that takes. */

export type Annotations = Record<string, string>;

/** Versions of the header; Envoy takes either: https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt */
export enum HeaderVersion {
  V1 = "v1",
  V2 = "v2",
}

/** An annotation that the load balancer must have from its beginning, beside the one that switches the protocol on. */
interface Need {
  key: string;
  /** Values that do; the first is the one that is proposed. */
  values: [string, ...string[]];
  because: string;
}

/** One kind of load balancer. */
export interface LoadBalancer {
  title: string;
  /** What switches it on. Where the cloud lets one choose the version, the first is the default. */
  on: Partial<Record<HeaderVersion, Annotations>> | { unsaid: Annotations };
  needs?: Need[];
  /** Annotations that must be absent, with the reason. */
  excludes?: Record<string, string>;
  /** Annotation of the protocol that it speaks to clients, which must be TCP where it is set: else it would end TLS itself. */
  protocol?: string;
  /** What keeps the way from inside the cluster, by the public name, through the load balancer. */
  hairpin: string;
  source: string;
}

/** Names of the Service's ports, as Envoy Gateway makes them of the Gateway's listeners. */
const ports = ["http-80", "https-443"];

const beta = "service.beta.kubernetes.io";

const upcloud = (version: HeaderVersion): Annotations => ({
  [`${beta}/upcloud-load-balancer-config`]: JSON.stringify({
    frontends: ports.map((name) => ({ name, mode: "tcp" })),
    backends: ports.map((name) => ({ name, properties: { outbound_proxy_protocol: version } })),
  }),
});

const reportsName = "nothing to do: it has a hostname instead of an address";
const none = "stay in enable: the cloud documents no cure";

/** By the name that the setting gives them. */
export const loadBalancers: Record<string, LoadBalancer> = {
  vks: {
    title: "VNG Cloud VKS",
    on: { unsaid: { "vks.vngcloud.vn/enable-proxy-protocol": ports.join(",") } },
    hairpin: none,
    source: "https://docs.vngcloud.vn/vng-cloud-document/vks/network/lam-viec-voi-network-load-balancing-nlb",
  },
  "aws-nlb": {
    title: "AWS Network Load Balancer",
    on: { v2: { [`${beta}/aws-load-balancer-proxy-protocol`]: "*" } },
    needs: [
      {
        key: `${beta}/aws-load-balancer-type`,
        values: ["external", "nlb", "nlb-ip"],
        because: "AWS makes a Classic one otherwise, and its type cannot be changed later",
      },
    ],
    hairpin: reportsName,
    source: "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/",
  },
  "aws-classic": {
    title: "AWS Classic Load Balancer",
    on: { v1: { [`${beta}/aws-load-balancer-proxy-protocol`]: "*" } },
    excludes: { [`${beta}/aws-load-balancer-type`]: "it makes a Network Load Balancer, which is aws-nlb" },
    protocol: `${beta}/aws-load-balancer-backend-protocol`,
    hairpin: reportsName,
    source: "https://cloud-provider-aws.sigs.k8s.io/service_controller/",
  },
  digitalocean: {
    title: "DigitalOcean",
    on: { v1: { [`${beta}/do-loadbalancer-enable-proxy-protocol`]: "true" } },
    needs: [
      {
        key: `${beta}/do-loadbalancer-type`,
        values: ["REGIONAL"],
        because:
          "since Kubernetes 1.33 the default is a network load balancer, which sends none and keeps the client's address without it",
      },
    ],
    protocol: `${beta}/do-loadbalancer-protocol`,
    hairpin: `\`${beta}/do-loadbalancer-hostname\``,
    source:
      "https://github.com/digitalocean/digitalocean-cloud-controller-manager/blob/master/docs/controllers/services/annotations.md",
  },
  hetzner: {
    title: "Hetzner Cloud",
    on: { v2: { "load-balancer.hetzner.cloud/uses-proxyprotocol": "true" } },
    protocol: "load-balancer.hetzner.cloud/protocol",
    hairpin: `nothing to do since version 1.21: its controller reports ipMode Proxy; before, \`load-balancer.hetzner.cloud/hostname\``,
    source:
      "https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/main/docs/reference/load_balancer_annotations.md",
  },
  scaleway: {
    title: "Scaleway",
    on: {
      v2: { [`${beta}/scw-loadbalancer-proxy-protocol-v2`]: "true" },
      v1: { [`${beta}/scw-loadbalancer-proxy-protocol-v1`]: "true" },
    },
    hairpin: `\`${beta}/scw-loadbalancer-use-hostname: "true"\``,
    source:
      "https://github.com/scaleway/scaleway-cloud-controller-manager/blob/master/docs/loadbalancer-annotations.md",
  },
  openstack: {
    title: "OpenStack Octavia",
    on: {
      v1: { "loadbalancer.openstack.org/proxy-protocol": "true" },
      v2: { "loadbalancer.openstack.org/proxy-protocol": "v2" },
    },
    hairpin: `nothing to do where its controller reports ipMode Proxy; else \`loadbalancer.openstack.org/hostname\``,
    source:
      "https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/expose-applications-using-loadbalancer-type-service.md",
  },
  ovhcloud: {
    title: "OVHcloud",
    on: {
      v1: { "loadbalancer.openstack.org/proxy-protocol": "true" },
      v2: { "loadbalancer.openstack.org/proxy-protocol": "v2" },
    },
    hairpin: "`loadbalancer.openstack.org/hostname`",
    source:
      "https://help.ovhcloud.com/csm/en-public-cloud-kubernetes-expose-applications-using-load-balancer?id=kb_article_view&sysparm_article=KB0062873",
  },
  linode: {
    title: "Akamai (Linode)",
    on: {
      v2: { [`${beta}/linode-loadbalancer-default-proxy-protocol`]: "v2" },
      v1: { [`${beta}/linode-loadbalancer-default-proxy-protocol`]: "v1" },
    },
    protocol: `${beta}/linode-loadbalancer-default-protocol`,
    hairpin: `\`${beta}/linode-loadbalancer-hostname-only-ingress: "true"\``,
    source: "https://github.com/linode/linode-cloud-controller-manager/blob/main/docs/configuration/annotations.md",
  },
  vultr: {
    title: "Vultr",
    on: { unsaid: { [`${beta}/vultr-loadbalancer-proxy-protocol`]: "true" } },
    protocol: `${beta}/vultr-loadbalancer-protocol`,
    hairpin: `\`${beta}/vultr-loadbalancer-hostname\``,
    source: "https://github.com/vultr/vultr-cloud-controller-manager/blob/master/docs/load-balancers.md",
  },
  upcloud: {
    title: "UpCloud",
    on: { v2: upcloud(HeaderVersion.V2), v1: upcloud(HeaderVersion.V1) },
    hairpin: reportsName,
    source: "https://github.com/UpCloudLtd/uks-instructions/blob/main/ccm/README.md",
  },
  civo: {
    title: "Civo",
    on: {
      v2: { "kubernetes.civo.com/loadbalancer-enable-proxy-protocol": "send-proxy-v2" },
      v1: { "kubernetes.civo.com/loadbalancer-enable-proxy-protocol": "send-proxy" },
    },
    protocol: "kubernetes.civo.com/protocol",
    hairpin: "nothing to do: with the protocol on, its controller reports a hostname",
    source: "https://www.civo.com/docs/kubernetes/load-balancers",
  },
  "oci-lb": {
    title: "Oracle Cloud load balancer",
    on: {
      v2: { [`${beta}/oci-load-balancer-connection-proxy-protocol-version`]: "2" },
      v1: { [`${beta}/oci-load-balancer-connection-proxy-protocol-version`]: "1" },
    },
    excludes: { "oci.oraclecloud.com/load-balancer-type": "it makes a network load balancer, which is oci-nlb" },
    protocol: `${beta}/oci-load-balancer-backend-protocol`,
    hairpin: '`oci.oraclecloud.com/ingress-ip-mode: "proxy"`',
    source: "https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md",
  },
  "oci-nlb": {
    title: "Oracle Cloud network load balancer",
    on: { v2: { "oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled": "true" } },
    needs: [
      {
        key: "oci.oraclecloud.com/load-balancer-type",
        values: ["nlb"],
        because: "Oracle Cloud makes the other kind otherwise, and the type cannot be changed later",
      },
    ],
    hairpin: '`oci.oraclecloud.com/ingress-ip-mode: "proxy"`',
    source: "https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md",
  },
  "azure-private-link": {
    title: "Azure private link service",
    on: { v2: { [`${beta}/azure-pls-proxy-protocol`]: "true" } },
    needs: [
      { key: `${beta}/azure-pls-create`, values: ["true"], because: "there is no private link service otherwise" },
      {
        key: `${beta}/azure-load-balancer-internal`,
        values: ["true"],
        because: "a private link service stands in front of an internal load balancer",
      },
    ],
    hairpin: none,
    source: "https://cloud-provider-azure.sigs.k8s.io/topics/pls-integration/",
  },
};

/** A load balancer that is not in the table; its annotations are the setting's own. */
export const other = "other";

const passesThrough =
  "it passes packets through, and with externalTrafficPolicy Local, which Envoy Gateway sets, the proxies see the client's own address";

/** Those that cannot send it: what keeps the client's address there. */
export const without: Record<string, { title: string; because: string; source: string }> = {
  gcp: {
    title: "Google Cloud, cloud.google.com/l4-rbs too",
    because: passesThrough,
    source: "https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer",
  },
  azure: {
    title: "Azure Standard Load Balancer",
    because: `${passesThrough}; for a private link service set azure-private-link`,
    source: "https://learn.microsoft.com/azure/load-balancer/load-balancer-overview",
  },
  exoscale: {
    title: "Exoscale",
    because: `${passesThrough}, if each node has a proxy`,
    source: "https://github.com/exoscale/exoscale-cloud-controller-manager/blob/main/docs/service-loadbalancer.md",
  },
  metallb: {
    title: "MetalLB",
    because: passesThrough,
    source: "https://metallb.io/usage/#traffic-policies",
  },
  cilium: {
    title: "Cilium's load balancer",
    because: passesThrough,
    source: "https://docs.cilium.io/en/stable/network/lb-ipam/",
  },
  k3s: {
    title: "ServiceLB of k3s",
    because: passesThrough,
    source: "https://docs.k3s.io/networking/networking-services#service-load-balancer",
  },
};

/** The row of a load balancer; undefined for one that is not in the table. */
const loadBalancerOf = (name: string): LoadBalancer | undefined =>
  Object.hasOwn(loadBalancers, name) ? loadBalancers[name] : undefined;

/** Names that the setting may have. */
export const loadBalancerNames = [...Object.keys(loadBalancers), other];

/** What is wrong with the name of a load balancer. */
export const checkLoadBalancer = (name: string): string | undefined => {
  if (loadBalancerNames.includes(name)) return undefined;
  const refused = Object.hasOwn(without, name) ? without[name] : undefined;
  return refused
    ? `must be one that sends PROXY protocol, got ${name} (${refused.because}; leave proxyProtocol away)`
    : `must be ${loadBalancerNames.join(", ")}, got "${name}" (with ${other}, annotations switch it on)`;
};

/** What is wrong with the choice of a version. */
export const checkHeaderVersion = (name: string, version: `${HeaderVersion}`): string | undefined => {
  const on = loadBalancerOf(name)?.on;
  if (!on || version in on) return undefined;
  return "unsaid" in on
    ? `must be left out, got ${version} (${name} lets nobody choose, and the proxies take either)`
    : `must be ${Object.keys(on).join(" or ")}, got ${version} (${name} has no other)`;
};

/** Annotations by which a load balancer is told to send the protocol; none for one that is not in the table. */
export const switchOf = (name: string, version?: `${HeaderVersion}`): Annotations => {
  const on: Partial<Record<string, Annotations>> = loadBalancerOf(name)?.on ?? {};
  return on[version ?? Object.keys(on)[0] ?? ""] ?? {};
};

/** Further keys that switch it on, besides those of the table. */
const furtherSwitches: { key: RegExp; says: RegExp }[] = [
  {
    key: /^service\.beta\.kubernetes\.io\/aws-load-balancer-target-group-attributes$/,
    says: /proxy_protocol_v2\.enabled=true/,
  },
  { key: /^service\.beta\.kubernetes\.io\/linode-loadbalancer-port-\d+$/, says: /"proxy-protocol"\s*:\s*"v[12]"/ },
  { key: /^service\.beta\.kubernetes\.io\/linode-loadbalancer-proxy-protocol$/, says: /^v[12]$/ },
  {
    key: /^service\.beta\.kubernetes\.io\/upcloud-load-balancer-config$/,
    says: /"outbound_proxy_protocol"\s*:\s*"v[12]"/,
  },
];

const switches = Object.entries(loadBalancers).flatMap(([name, { on }]) =>
  Object.values(on).flatMap((annotations) => Object.keys(annotations).map((key) => ({ name, key }))),
);

/** The load balancer that an annotation tells to send the protocol, or undefined when it tells none. */
export const switchedOnBy = (key: string, value: string): string | undefined => {
  const further = furtherSwitches.find((each) => each.key.test(key));
  if (further) return further.says.test(value) ? nameIn(key) : undefined;
  return /^(|false|none|0)$/.test(value.trim()) ? undefined : switches.find((each) => each.key === key)?.name;
};

const nameIn = (key: string): string => {
  if (key.includes("linode")) return "linode";
  return key.includes("upcloud") ? "upcloud" : "aws-nlb";
};

/** What is wrong with the free annotations of the load balancer's Service beside PROXY protocol: its annotations, if it is set at all. */
export const checkBeside = (
  free: Annotations,
  chosen?: { loadBalancer: string; annotations: Annotations },
): { key: string; problem: string }[] => {
  const row = chosen && loadBalancerOf(chosen.loadBalancer);
  const given = Object.entries(free).flatMap(([key, value]) => {
    const problem = checkOne(key, value, chosen, row);
    return problem ? [{ key, problem }] : [];
  });
  const missing = (row?.needs ?? [])
    .filter(({ key }) => !(key in free))
    .map(({ key, values, because }) => ({
      key,
      problem: `must be "${values.join('" or "')}" with proxyProtocol.loadBalancer ${chosen?.loadBalancer}, got nothing (${because})`,
    }));
  return [...given, ...missing];
};

const checkOne = (
  key: string,
  value: string,
  chosen: { loadBalancer: string; annotations: Annotations } | undefined,
  row: LoadBalancer | undefined,
): string | undefined => {
  const got = `got "${value}"`;
  const by = switchedOnBy(key, value);
  if (chosen && key in chosen.annotations)
    return `must be left to proxyProtocol, ${got} (it sets it by its phase${by === "upcloud" ? "; give the whole configuration in proxyProtocol.annotations" : ""})`;
  if (by)
    return chosen
      ? `must be absent beside proxyProtocol.loadBalancer ${chosen.loadBalancer}, ${got} (both ends change by the phase alone; if this is what switches it on, put it into proxyProtocol.annotations)`
      : `must be left to proxyProtocol, ${got} (without the proxies' part every connection is reset: set proxyProtocol to { loadBalancer: ${by}, phase: prepare })`;
  const excluded = row?.excludes?.[key];
  if (excluded && chosen)
    return `must be absent with proxyProtocol.loadBalancer ${chosen.loadBalancer}, ${got} (${excluded})`;
  const need = row?.needs?.find((each) => each.key === key);
  if (need && !need.values.includes(value))
    return `must be "${need.values.join('" or "')}" with proxyProtocol.loadBalancer ${chosen?.loadBalancer}, ${got} (${need.because})`;
  if (row?.protocol === key && value.toLowerCase() !== "tcp")
    return `must be tcp, ${got} (otherwise the load balancer ends TLS itself, in place of the Gateway)`;
  return undefined;
};
