/** The names that have an address of their own: the lab's, the front's, and the name servers of the zones. */
import { network } from "../../layout";
import { names } from "../front/names";

/** Cloudflare's, as every zone of the account has them. */
export const nameServers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"];

export function hosts(): string {
  const lines: [string, string[]][] = [
    ["127.0.0.1", ["localhost"]],
    [network.node, ["node", "node.lab.example"]],
    [network.front, ["lab", "lab.example", ...Object.keys(names)]],
    [network.dns, nameServers],
  ];
  return lines.map(([address, each]) => `${address} ${each.join(" ")}\n`).join("");
}
