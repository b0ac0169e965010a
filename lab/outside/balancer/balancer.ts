/** One load balancer, as a Service asks for it. */
import type { V1Node, V1Service } from "@kubernetes/client-node";
import { type ProxyProtocol, proxyProtocol } from "./proxyProtocol";

export interface Balancer {
  uid: string;
  namespace: string;
  name: string;
  addresses: string[];
  /** By TCP. */
  ports: BalancerPort[];
  udpPorts: BalancerPort[];
  /** Where each node tells whether it has a pod of the Service; only under `externalTrafficPolicy: Local`. */
  healthCheckNodePort?: number;
  sourceRanges: string[];
}

export interface BalancerPort {
  name: string;
  port: number;
  nodePort: number;
  proxyProtocol?: ProxyProtocol;
}

/** Classes that are ours: none, and the one by which AWS's controller is chosen. */
const classes = [undefined, "service.k8s.aws/nlb"];

export const wantsBalancer = (service: V1Service): boolean => {
  const { spec, metadata } = service;
  return (
    spec?.type === "LoadBalancer" && classes.includes(spec.loadBalancerClass) && metadata?.deletionTimestamp == null
  );
};

/** Ports for which no node port was allocated are not carried. There is no PROXY header for UDP. */
export function balancer(service: V1Service, ...addresses: string[]): Balancer {
  const { metadata = {}, spec } = service;
  const ports: BalancerPort[] = [];
  const udpPorts: BalancerPort[] = [];
  for (const { name = "", port, nodePort, protocol = "TCP" } of spec?.ports ?? []) {
    if (nodePort === undefined) continue;
    if (protocol === "UDP") udpPorts.push({ name, port, nodePort });
    if (protocol === "TCP")
      ports.push({ name, port, nodePort, proxyProtocol: proxyProtocol(metadata.annotations ?? {}, { name, port }) });
  }
  return {
    uid: metadata.uid ?? "",
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    addresses,
    ports,
    udpPorts,
    healthCheckNodePort: spec?.externalTrafficPolicy === "Local" ? spec.healthCheckNodePort : undefined,
    sourceRanges: spec?.loadBalancerSourceRanges ?? [],
  };
}

export interface NodeAddress {
  name: string;
  address: string;
}

/** Nodes that are not Ready stay: health checks judge them, as with the clouds. */
export const nodeAddresses = (nodes: readonly V1Node[]): NodeAddress[] => {
  const found: NodeAddress[] = [];
  for (const { metadata, status } of nodes) {
    const address = status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    const excluded = metadata?.labels?.["node.kubernetes.io/exclude-from-external-load-balancers"] !== undefined;
    if (address !== undefined && !excluded) found.push({ name: metadata?.name ?? address, address });
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
};
