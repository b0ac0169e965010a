/** Let's Encrypt, staging and production: two Pebbles that validate domains through the lab's name servers. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { ca, network } from "../../layout";
import { ports, urlOf } from "../../ports";
import type { Programs, Service } from "../../service";
import { makeCertificate } from "../front/certificate";
import { configuration, directory, environments } from "./environments";

export const prepare = async (): Promise<void> => {
  const { certificate, key } = await makeCertificate(directory, "pebble", ["localhost", "127.0.0.1"]);
  for (const each of environments) await writeFile(each.configuration, configuration(each, certificate, key));
};

/** Bad nonces and reused authorizations occur as often as Pebble's defaults say. Only its random sleeps are off. */
export const services = (programs: Programs): Service[] => {
  const pebbles = environments.map(({ name, port, configuration }) => ({
    name,
    command: [
      ...["env", "PEBBLE_VA_NOSLEEP=1", programs.bin("pebble")],
      ...["-config", configuration, "-dnsserver", `${network.dns}:53`],
    ],
    ready: async () => (await ask(port, "/dir")).includes("newOrder"),
  }));
  const limits = {
    name: "letsencrypt-production-limits",
    command: [process.execPath, "--import", require.resolve("tsx"), join(__dirname, "limits", "main.ts")],
    ready: async () => (await fetch(`${urlOf(ports.letsencryptLimits)}/dir`)).ok,
  };
  return [...pebbles, limits];
};

/** A Pebble makes a new root at each start, so the roots are written anew. */
export const afterStart = async (): Promise<void> => {
  for (const { root, managementPort } of environments) {
    const pem = await ask(managementPort, "/roots/0");
    if (!pem.includes("BEGIN CERTIFICATE")) throw new Error(`no root certificate from port ${managementPort}: ${pem}`);
    await mkdir(dirname(root), { recursive: true });
    await writeFile(root, pem);
  }
};

/** Not by fetch: its trust is fixed when the process starts, and the lab's CA may be younger. */
const ask = async (port: number, path: string): Promise<string> => {
  const trusted = await readFile(ca.certificate);
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": "lab" }; // ACME (RFC 8555, 6.1) requires one
    const options = {
      host: "127.0.0.1",
      port,
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
