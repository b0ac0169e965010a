/** The hosts file: the names of the lab, of the front, and of the zones' name servers. */
import { companyCa, network, nodes } from "../../layout";
import { nameServers } from "../cloudflare/account";
import { hostnames } from "../front/hostnames";

export const hosts = (): string => {
  const lines: [string, string[]][] = [
    ["127.0.0.1", ["localhost"]],
    ...nodes.map(({ name, address }): [string, string[]] => [address, [name, `${name}.lab.example`]]),
    [network.front, ["lab", "lab.example", companyCa.host, ...Object.keys(hostnames)]],
    [network.dns, nameServers],
  ];
  return lines.map(([address, each]) => `${address} ${each.join(" ")}\n`).join("");
};
