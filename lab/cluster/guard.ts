/** The rules that refuse and count what would leave the lab. They stand where the nodes' default routes lead, outside the cluster. */
import { namespace, network, nodes } from "../layout";
import { output } from "../tools/process";

/**
 * Whatever comes from a node for an address that nobody here has is refused at once and, unless it is for one of the lab's that nobody
 * serves (yet), counted. Node to node the bridge passes packets on, which some machines show to these rules as well.
 */
const inside = `{ ${[network.lab, network.balancers, ...nodes.map(({ pods }) => pods)].join(", ")} }`;
const known = `{ ${[network.lab, network.balancers, network.pods, network.services, "224.0.0.0/4"].join(", ")} }`;
const rules = `
table inet lab_guard {
  counter escaped { }
  set escaped_to { type ipv4_addr . inet_proto . inet_service; size 65535; flags dynamic; counter; }
  chain prerouting { type filter hook prerouting priority 0; iifname "lab0" ip daddr != ${inside} goto refuse; }
  chain refuse {
    ip daddr != ${known} counter name escaped update @escaped_to { ip daddr . meta l4proto . th dport }
    meta l4proto tcp reject with tcp reset
    reject with icmpx type host-unreachable
  }
}
`;

export const raiseGuard = async (): Promise<void> => {
  await output(["nsenter", `--net=/run/netns/${namespace}`, "nft", "-f", "-"], { input: [rules] });
};

/** How many packets tried to leave for an address that is not the lab's, by the guard in a process's network: PID 1 of the lab's. */
export const escapes = async (pid: number): Promise<number> => {
  const list = ["nft", "-j", "list", "counter", "inet", "lab_guard", "escaped"];
  const counter = await output(["nsenter", `--net=/proc/${pid}/ns/net`, ...list]);
  const { nftables } = JSON.parse(counter) as { nftables: { counter?: { packets: number } }[] };
  const packets = nftables.find((entry) => entry.counter)?.counter?.packets;
  if (packets === undefined) throw new Error("the guard must have a counter, got none");
  return packets;
};
