/** The lab's name servers: CoreDNS. The cluster and everything outside it ask them. */
import { Resolver } from "node:dns/promises";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dns, network } from "../../layout";
import type { Programs, Service } from "../../service";
import { nameServers } from "../cloudflare/account";
import { corefile } from "./corefile";
import { hosts } from "./hosts";

const file = join(dirname(dns.hosts), "Corefile");

export const prepare = async (): Promise<void> => {
  await mkdir(dns.zones, { recursive: true });
  await writeFile(dns.hosts, hosts());
  await writeFile(file, corefile({ address: network.dns, port: 53, ...dns }));
};

export const services = (programs: Programs): Service[] => [
  { name: "dns", command: [programs.bin("coredns"), "-conf", file], ready: resolves },
];

const resolves = async (): Promise<boolean> => {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([network.dns]);
  const [name = ""] = nameServers;
  return (await resolver.resolve4(name)).includes(network.dns);
};
