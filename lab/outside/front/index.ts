/** The TLS front: HAProxy on the front's address, for every host of the internet that the edge talks to. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { ca, network, run } from "../../layout";
import type { Service } from "../../service";
import { makeCertificate } from "./certificate";
import { configuration } from "./configuration";
import { hostnames } from "./hostnames";

const directory = join(run, "front");
const file = join(directory, "haproxy.cfg");

export const prepare = async (): Promise<void> => {
  await mkdir(directory, { recursive: true });
  const { certificate, key } = await makeCertificate(directory, "front", Object.keys(hostnames));
  const pem = join(directory, "front.pem");
  await writeFile(pem, (await readFile(certificate, "utf8")) + (await readFile(key, "utf8")), { mode: 0o600 });
  await writeFile(file, configuration({ address: network.front, port: 443, pem }));
};

export const services = (): Service[] => [
  { name: "front", command: ["haproxy", "-db", "-f", file], ready: shakesHands },
];

/** Only the handshake counts here, with a certificate of the lab's CA. The backends have their own readiness. */
const shakesHands = async (): Promise<boolean> => {
  const trusted = await readFile(ca.certificate);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: network.front, port: 443, servername: "quay.io", ca: trusted, timeout: 2000 });
    socket.on("secureConnect", () => resolve(socket.end().authorized));
    socket.on("timeout", () => socket.destroy(new Error("no answer")));
    socket.on("error", reject);
  });
};
