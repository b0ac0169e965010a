/** HAProxy's configuration for all balancers: TCP from address and port to the node port of every healthy node. */
import type { Balancer, BalancerPort, NodeAddress } from "./balancer";

/** Health is asked twice a second, ten times as often as clouds do, or tests would wait for it. */
const check = "check inter 500ms rise 1 fall 2";

/** Long enough for an idle keep-alive connection of a client, as the clouds' (60 s to one hour). */
const idle = "1h";

export const configuration = (balancers: Balancer[], nodes: NodeAddress[], files: Files): string =>
  [head(files), ...balancers.flatMap((each) => each.ports.map((port) => proxy(each, port, nodes)))].join("");

/** What the configuration names. */
interface Files {
  /** The worker's socket. */
  worker: string;
  /** What the old worker knew of its servers. */
  states: string;
}

/**
 * A new worker takes the listening sockets over from the old one, which then finishes its connections, and believes what the old one knew of
 * its servers: without that it would send to every node until it has asked them all.
 */
const head = ({ worker, states }: Files): string => `global
  stats socket ${worker} mode 600 level admin expose-fd listeners
  server-state-file ${states}
  log stdout format raw local0 notice
  maxconn 4000
  no strict-limits
  hard-stop-after ${idle}
defaults
  mode tcp
  log global
  load-server-state-from-file global
  balance roundrobin
  option redispatch 1
  timeout connect 2s
  timeout client ${idle}
  timeout server ${idle}
`;

/** With the node port, since a state must not be taken over to another one. */
export const proxyName = (balancer: Balancer, port: BalancerPort): string =>
  `${balancer.namespace}:${balancer.name}:${port.port}:${port.nodePort}`;

const proxy = (balancer: Balancer, port: BalancerPort, nodes: NodeAddress[]): string => {
  const { healthCheckNodePort, sourceRanges } = balancer;
  const lines = [`listen ${proxyName(balancer, port)}`, ...balancer.addresses.map((address) => bind(address, port))];
  if (sourceRanges.length > 0) lines.push(`  tcp-request connection reject unless { src ${sourceRanges.join(" ")} }`);
  // Without a port for health, a connection to the node port itself is the check, with a PROXY header if one is sent.
  if (healthCheckNodePort !== undefined) {
    lines.push("  option httpchk GET /healthz", "  http-check expect status 200");
  }
  const options = [check];
  if (healthCheckNodePort !== undefined) options.push(`port ${healthCheckNodePort}`);
  if (port.proxyProtocol !== undefined) options.push(port.proxyProtocol === "v1" ? "send-proxy" : "send-proxy-v2");
  for (const { name, address } of nodes) {
    lines.push(`  server ${name} ${address}:${port.nodePort} ${options.join(" ")}`);
  }
  return `${lines.join("\n")}\n`;
};

function bind(address: string, { port }: BalancerPort): string {
  return `  bind ${address.includes(":") ? `[${address}]` : address}:${port}`;
}
