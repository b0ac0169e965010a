/**
 * What each cloud's load balancer sends in front of a connection, by the Service's annotations. VKS, DigitalOcean,
 * Hetzner and Vultr do not say beside the annotation which version it is; Envoy takes either.
 */
export type ProxyProtocol = "v1" | "v2";

export interface ServicePort {
  name: string;
  port: number;
}

type Annotations = Record<string, string>;

interface Row {
  cloud: string;
  /** `{port}` stands for the port's number. */
  key: string;
  version: (value: string, port: ServicePort, annotations: Annotations) => ProxyProtocol | undefined;
}

const prefix = "service.beta.kubernetes.io";
const when =
  (version: ProxyProtocol, ...values: string[]) =>
  (value: string) =>
    values.includes(value) ? version : undefined;

/** One of the words for every port, or a list of names or numbers. */
const listed =
  (version: ProxyProtocol, ...all: string[]): Row["version"] =>
  (value, port) => {
    const items = value.split(",").map((each) => each.trim());
    return items.some((each) => all.includes(each) || each === port.name || each === String(port.port))
      ? version
      : undefined;
  };

const plain = (value: string): ProxyProtocol | undefined => (value === "v1" || value === "v2" ? value : undefined);

/** A Classic ELB, which is what a Service without a type gets, knows version 1 only; an NLB version 2 only. */
const aws = (value: string, _port: ServicePort, annotations: Annotations): ProxyProtocol | undefined => {
  if (value !== "*") return undefined;
  return annotations[`${prefix}/aws-load-balancer-type`] === undefined ? "v1" : "v2";
};

const awsTargetGroup = (value: string): ProxyProtocol | undefined =>
  value.split(",").some((each) => each.trim() === "proxy_protocol_v2.enabled=true") ? "v2" : undefined;

const linodePort = (value: string): ProxyProtocol | undefined => plain(String(parse(value)["proxy-protocol"]));

/** JSON of the whole balancer, its backends named after the Service's ports; in the mode http no header is sent. */
const upcloud = (value: string, port: ServicePort): ProxyProtocol | undefined => {
  const configuration = parse(value);
  const named = (list: unknown) =>
    Array.isArray(list) ? record(list.find((each) => record(each).name === port.name)) : {};
  if (named(configuration.frontends).mode !== "tcp") return undefined;
  return plain(String(record(named(configuration.backends).properties).outbound_proxy_protocol));
};

const ociNetwork = (value: string, _port: ServicePort, annotations: Annotations): ProxyProtocol | undefined =>
  value === "true" && annotations["oci.oraclecloud.com/load-balancer-type"] === "nlb" ? "v2" : undefined;

const azurePrivateLink = (value: string, _port: ServicePort, annotations: Annotations): ProxyProtocol | undefined =>
  value === "true" && annotations[`${prefix}/azure-pls-create`] === "true" ? "v2" : undefined;

/** Like the clouds' controllers, which ignore what they cannot read. */
const parse = (value: string): Record<string, unknown> => {
  try {
    return record(JSON.parse(value));
  } catch {
    return {};
  }
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const rows: Row[] = [
  { cloud: "AWS", key: `${prefix}/aws-load-balancer-proxy-protocol`, version: aws },
  { cloud: "AWS", key: `${prefix}/aws-load-balancer-target-group-attributes`, version: awsTargetGroup },
  { cloud: "VKS", key: "vks.vngcloud.vn/enable-proxy-protocol", version: listed("v1", "*", "true") },
  {
    cloud: "DigitalOcean",
    key: `${prefix}/do-loadbalancer-enable-proxy-protocol`,
    version: when("v1", "true"),
  },
  { cloud: "Hetzner", key: "load-balancer.hetzner.cloud/uses-proxyprotocol", version: when("v2", "true") },
  { cloud: "Scaleway", key: `${prefix}/scw-loadbalancer-proxy-protocol-v1`, version: listed("v1", "*", "true") },
  { cloud: "Scaleway", key: `${prefix}/scw-loadbalancer-proxy-protocol-v2`, version: listed("v2", "*", "true") },
  {
    cloud: "OpenStack, OVHcloud",
    key: "loadbalancer.openstack.org/proxy-protocol",
    version: (value) => (value === "v2" ? "v2" : when("v1", "true", "v1")(value)),
  },
  { cloud: "Linode", key: `${prefix}/linode-loadbalancer-port-{port}`, version: linodePort },
  { cloud: "Linode", key: `${prefix}/linode-loadbalancer-default-proxy-protocol`, version: plain },
  { cloud: "Linode", key: `${prefix}/linode-loadbalancer-proxy-protocol`, version: plain },
  { cloud: "Vultr", key: `${prefix}/vultr-loadbalancer-proxy-protocol`, version: when("v1", "true") },
  { cloud: "UpCloud", key: `${prefix}/upcloud-load-balancer-config`, version: upcloud },
  {
    cloud: "Civo",
    key: "kubernetes.civo.com/loadbalancer-enable-proxy-protocol",
    version: (value) => (value === "send-proxy-v2" ? "v2" : when("v1", "send-proxy")(value)),
  },
  {
    cloud: "OCI LB",
    key: `${prefix}/oci-load-balancer-connection-proxy-protocol-version`,
    version: (value) => (value === "2" ? "v2" : when("v1", "1")(value)),
  },
  { cloud: "OCI NLB", key: "oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled", version: ociNetwork },
  { cloud: "Azure private link", key: `${prefix}/azure-pls-proxy-protocol`, version: azurePrivateLink },
];

/** The first row with something to say about this port decides. */
export const proxyProtocol = (annotations: Annotations, port: ServicePort): ProxyProtocol | undefined => {
  for (const { key, version } of rows) {
    const value = annotations[key.replace("{port}", String(port.port))];
    const found = value === undefined ? undefined : version(value.trim(), port, annotations);
    if (found !== undefined) return found;
  }
  return undefined;
};
