/** Let's Encrypt, staging and production, and a firm's own CA: Pebbles that validate domains through the lab's name servers. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { companyCa, network } from "../../layout";
import { host, ports, urlOf } from "../../ports";
import type { Programs, Service } from "../../service";
import { makeAuthority, makeCertificate } from "../front/certificate";
import { company, configuration, directory, type Environment, environments, letsEncrypts } from "./environments";

export const prepare = async (): Promise<void> => {
  const { certificate, key } = await makeCertificate(directory, "pebble", ["localhost", "127.0.0.1"]);
  for (const each of letsEncrypts) await writeFile(each.configuration, configuration(each, certificate, key));
  const authority = await makeAuthority(directory, "Company Root");
  const own = await makeCertificate(directory, "company", [companyCa.host], authority);
  await writeFile(company.configuration, configuration(company, own.certificate, own.key));
  await mkdir(dirname(companyCa.root), { recursive: true });
  await copyFile(authority.certificate, companyCa.root);
};

/** Bad nonces occur as often as Pebble's default says. Only its random sleeps are off. */
export const services = (programs: Programs): Service[] => {
  const pebbles = environments.map((environment) => ({
    name: environment.name,
    command: [
      ...["env", "PEBBLE_VA_NOSLEEP=1", `PEBBLE_AUTHZREUSE=${environment.reuse}`, programs.bin("pebble")],
      ...["-config", environment.configuration, "-dnsserver", `${network.dns}:53`],
    ],
    ready: async () => (await ask(environment, environment, "/dir")).includes("newOrder"),
  }));
  const directories = [ports.letsencryptStagingApi, ports.letsencryptProductionApi].map((port) => `${urlOf(port)}/dir`);
  const api = {
    name: "letsencrypt-api",
    command: [process.execPath, "--import", require.resolve("tsx"), join(__dirname, "api", "main.ts")],
    ready: async () => (await Promise.all(directories.map((each) => fetch(each)))).every(({ ok }) => ok),
  };
  return [...pebbles, api];
};

/** A Pebble makes a new root at each start, so the roots are written anew. */
export const afterStart = async (): Promise<void> => {
  for (const each of environments) {
    const { root, managementPort: port } = each;
    const pem = await ask(each, { address: host, port }, "/roots/0");
    if (!pem.includes("BEGIN CERTIFICATE")) throw new Error(`no root certificate from port ${port}: ${pem}`);
    await mkdir(dirname(root), { recursive: true });
    await writeFile(root, pem);
  }
};

/** Not by fetch: its trust is fixed when the process starts, and the lab's CA may be younger. */
const ask = async (
  { ca, servername }: Environment,
  { address, port }: { address: string; port: number },
  path: string,
): Promise<string> => {
  const trusted = await readFile(ca);
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": "lab" }; // ACME (RFC 8555, 6.1) requires one
    const options = {
      host: address,
      port,
      servername,
      path,
      headers,
      ca: trusted,
      agent: false,
      timeout: 2000,
    };
    const request = get(options, (response) => {
      if (response.statusCode === 200) text(response).then(resolve, reject);
      else reject(new Error(`${path}: ${response.statusCode}`));
    });
    request.on("timeout", () => request.destroy(new Error(`${path}: no answer`)));
    request.on("error", reject);
  });
};
