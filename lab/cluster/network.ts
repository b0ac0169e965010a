/** The lab's two network namespaces: the node's, with the bridge, and the one of everything outside the cluster. No link leads out. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { namespaces, network } from "../layout";
import { output } from "../tools/process";
import { hostsFile, nodeName, resolvConf } from "./paths";

const { node, outside } = namespaces;
/** `ip netns exec` shows the files of this directory in place of /etc's. */
const etc = (namespace: string): string => join("/etc/netns", namespace);

/** Makes both namespaces, the bridge between them, and the guard that refuses and counts what would leave. */
export const makeNetwork = async (): Promise<void> => {
  const resolver = `nameserver ${network.dns}\noptions timeout:2 attempts:2\n`;
  writeFileSync(resolvConf, resolver);
  writeFileSync(hostsFile, `127.0.0.1 localhost\n::1 localhost\n${network.node} ${nodeName}\n`);
  for (const namespace of [node, outside]) {
    await output(["ip", "netns", "add", namespace]);
    mkdirSync(etc(namespace), { recursive: true });
    writeFileSync(join(etc(namespace), "resolv.conf"), resolver);
  }
  const prefix = network.lab.split("/")[1];
  await output(["ip", "-n", node, "-batch", "-"], {
    input: [
      "link set lo up",
      "link add lab0 type bridge",
      // A bridge has a carrier only with a port that is up.
      "link add lab0a type veth peer name lab0b",
      "link set lab0a master lab0 up",
      "link set lab0b up",
      `addr add ${network.node}/${prefix} dev lab0`,
      "link set lab0 up",
      `neigh add ${network.gateway} lladdr 02:00:00:00:00:01 dev lab0 nud permanent`,
      `route add default via ${network.gateway} dev lab0`,
      `route add ${network.balancers} via ${network.front} dev lab0`,
      `link add lab0c type veth peer name eth0 netns ${outside}`,
      "link set lab0c master lab0 up",
    ],
  });
  await output(["ip", "-n", outside, "-batch", "-"], {
    input: [
      "link set lo up",
      `addr add ${network.front}/${prefix} dev eth0`,
      `addr add ${network.dns}/${prefix} dev eth0`,
      "link set eth0 up",
      ...[network.services, network.pods].map((net) => `route add ${net} via ${network.node} dev eth0`),
    ],
  });
  await inNamespace(node, ["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
  // Where the machine has bridge filtering: a pod's answer to a pod of the same bridge must be translated back as well.
  await inNamespace(node, ["sysctl", "-qew", "net.bridge.bridge-nf-call-iptables=1"]);
  await output(["nsenter", `--net=/run/netns/${node}`, "nft", "-f", "-"], { input: [guard] });
};

const inNamespace = (namespace: string, command: string[]): Promise<string> =>
  output(["nsenter", `--net=/run/netns/${namespace}`, ...command]);

/** Takes away both namespaces, and with them every link, address and rule in them. */
export const removeNetwork = async (): Promise<void> => {
  const present = await output(["ip", "netns", "list"]);
  for (const namespace of [node, outside]) {
    if (present.split(/\s/).includes(namespace)) await output(["ip", "netns", "del", namespace]);
    rmSync(etc(namespace), { recursive: true, force: true });
  }
};

/** How many packets tried to leave for an address that is not the lab's, by the guard in a process's network: PID 1 of the node's. */
export const escapes = async (pid: number): Promise<number> => {
  const list = ["nft", "-j", "list", "counter", "inet", "lab_guard", "escaped"];
  const counter = await output(["nsenter", `--net=/proc/${pid}/ns/net`, ...list]);
  const { nftables } = JSON.parse(counter) as { nftables: { counter?: { packets: number } }[] };
  const packets = nftables.find((entry) => entry.counter)?.counter?.packets;
  if (packets === undefined) throw new Error("the guard must have a counter, got none");
  return packets;
};

/**
 * Whatever would take the default route is refused at once and, unless it is for an address of the lab that nobody serves (yet), counted.
 * In the output hook the interface is still the one from before kube-proxy's translation, so translated packets are judged after routing,
 * where they can only be dropped.
 */
const inside = `{ ${network.lab}, ${network.balancers} }`;
const known = `{ ${network.lab}, ${network.services}, ${network.balancers}, 224.0.0.0/4 }`;
const guard = `
table inet lab_guard {
  counter escaped { }
  set escaped_to { type ipv4_addr . inet_proto . inet_service; size 65535; flags dynamic; counter; }
  chain output      { type filter hook output      priority 10; oifname "lab0" ip daddr != ${inside} ct status & dnat == 0 goto refuse; }
  chain forward     { type filter hook forward     priority 10; oifname "lab0" ip daddr != ${inside} goto refuse; }
  chain postrouting { type filter hook postrouting priority 10; oifname "lab0" ip daddr != ${inside} goto lost; }
  chain refuse {
    ip daddr != ${known} counter name escaped update @escaped_to { ip daddr . meta l4proto . th dport }
    meta l4proto tcp reject with tcp reset
    reject with icmpx type host-unreachable
  }
  chain lost { ip daddr != ${known} counter name escaped update @escaped_to { ip daddr . meta l4proto . th dport }; drop; }
}
`;
