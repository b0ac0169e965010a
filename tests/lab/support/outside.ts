/** The outside world, as far as it fails. */
import { lookup } from "node:dns/promises";
import { readFileSync, writeFileSync } from "node:fs";
import { dns, until } from "../../../lab";

/** Names that are made unknown, and that somebody then asks for in vain. */
export const losable = [
  "acme-staging-v02.api.letsencrypt.org",
  "acme-v02.api.letsencrypt.org",
  "api.cloudflare.com",
  "github.com",
  "quay.io",
  "registry-1.docker.io",
] as const;
type Name = (typeof losable)[number];

/** Makes a name of the outside world unknown while `during` runs. */
export const withoutName = (name: Name, during: () => Promise<void>): Promise<void> => withoutNames([name], during);

/** Makes names of the outside world unknown while `during` runs. */
export const withoutNames = async (names: Name[], during: () => Promise<void>): Promise<void> => {
  const known = (name: string): Promise<boolean> =>
    lookup(name).then(
      () => true,
      () => false,
    );
  const hosts = readFileSync(dns.hosts, "utf8");
  writeFileSync(
    dns.hosts,
    names.reduce<string>((text, name) => text.replaceAll(name, `gone.${name}`), hosts),
  );
  try {
    for (const name of names) await until(`the end of ${name}`, async () => !(await known(name)));
    await during();
  } finally {
    writeFileSync(dns.hosts, hosts);
    for (const name of names) await until(`the return of ${name}`, () => known(name));
  }
};
