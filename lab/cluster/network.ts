/** The lab's network: outside the cluster a namespace with a bridge, and on it a cable to each node. No link leads out. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Node, namespace, network, nodes } from "../layout";
import { output, run } from "../tools/process";
import { raiseGuard } from "./guard";
import { type Init, resolver } from "./namespaces";

/** `ip netns exec` shows the files of this directory in place of /etc's. */
const etc = join("/etc/netns", namespace);
const prefix = network.lab.split("/")[1];

/** By the address: what another has in its neighbour table stays true when a node, or the bridge's first port, comes again. */
const mac = (address: string): string =>
  ["02:00", ...address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"))].join(":");

/** Makes the namespace outside the cluster, with the bridge and the guard. */
export const makeNetwork = async (): Promise<void> => {
  await output(["ip", "netns", "add", namespace]);
  mkdirSync(etc, { recursive: true });
  writeFileSync(join(etc, "resolv.conf"), resolver);
  await batch(`/run/netns/${namespace}`, [
    "link set lo up",
    `link add lab0 address ${mac(network.front)} type bridge`,
    ...[network.front, network.dns, network.gateway].map((address) => `addr add ${address}/${prefix} dev lab0`),
    "link set lab0 up",
    `route add ${network.services} via ${network.controlPlane}`,
    ...nodes.map(({ pods, address }) => `route add ${pods} via ${address}`),
  ]);
  await raiseGuard();
};

/** Leads a cable from the bridge into a node's network. */
export const connect = async (node: Node, { pid }: Init): Promise<void> => {
  const { name, address } = node;
  await batch(`/run/netns/${namespace}`, [
    `link add ${name} type veth peer name eth0 address ${mac(address)} netns ${pid}`,
    `link set ${name} master lab0 up`,
  ]);
  const own = `/proc/${pid}/ns/net`;
  await batch(own, [
    "link set lo up",
    `addr add ${address}/${prefix} dev eth0`,
    "link set eth0 up",
    `route add default via ${network.gateway}`,
    `route add ${network.balancers} via ${network.front}`,
    ...nodes.filter((other) => other !== node).map((other) => `route add ${other.pods} via ${other.address}`),
  ]);
  await output(["nsenter", `--net=${own}`, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
  // Where the machine has bridge filtering: a pod's answer to a pod of the same bridge must be translated back as well.
  await output(["nsenter", `--net=${own}`, "sysctl", "-qew", "net.bridge.bridge-nf-call-iptables=1"]);
};

/** Takes a node's cable away. The kernel does so too once the node has ended, but in its own time. */
export const disconnect = async ({ name }: Node): Promise<void> => {
  await run(["nsenter", `--net=/run/netns/${namespace}`, "ip", "link", "del", name]);
};

const batch = (network: string, commands: string[]): Promise<string> =>
  output(["nsenter", `--net=${network}`, "ip", "-batch", "-"], { input: commands });

/** Takes away the namespace, and with it every link, address and rule in it. */
export const removeNetwork = async (): Promise<void> => {
  if (await hasNetwork()) await output(["ip", "netns", "del", namespace]);
  rmSync(etc, { recursive: true, force: true });
};

export const hasNetwork = async (): Promise<boolean> =>
  (await output(["ip", "netns", "list"])).split(/\s/).includes(namespace);
