/** The name servers of the world: CoreDNS, which the cluster and everything outside it ask. */
import { Resolver } from "node:dns/promises";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dns, network } from "../../layout";
import type { Programs, Service } from "../../service";
import { nameServers } from "../cloudflare/account";
import { corefile } from "./corefile";
import { hosts } from "./hosts";

const file = join(dirname(dns.hosts), "Corefile");

export async function prepare(): Promise<void> {
  await mkdir(dns.zones, { recursive: true });
  await writeFile(dns.hosts, hosts());
  await writeFile(file, corefile({ address: network.dns, port: 53, ...dns }));
}

export function services(programs: Programs): Service[] {
  return [{ name: "dns", command: [programs.bin("coredns"), "-conf", file], ready: resolves }];
}

async function resolves(): Promise<boolean> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([network.dns]);
  const [name = ""] = nameServers;
  return (await resolver.resolve4(name)).includes(network.dns);
}
