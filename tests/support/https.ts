/** A server that answers over HTTPS. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createPlainServer, type Server as PlainServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server at loopback that redirects each request over plain HTTP to the same over HTTPS. */
export const serveRedirect = async (): Promise<{ server: PlainServer; port: number }> => {
  const server = createPlainServer(({ headers, url }, response) =>
    response.writeHead(301, { location: `https://${headers.host}${url}` }).end(),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
};

/** An HTTPS server at loopback with a certificate for names, and when that ends. */
export const serve = async (...names: string[]): Promise<{ server: Server; port: number; ends: string }> => {
  const directory = mkdtempSync(join(tmpdir(), "serving-"));
  const [key, cert] = ["key", "cert"].map((file) => join(directory, file)) as [string, string];
  const subject = ["-subj", "/CN=test", "-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`];
  const files = ["-keyout", key, "-out", cert];
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  execFileSync("openssl", ["req", "-x509", "-nodes", "-days", "1", ...ec, ...files, ...subject], { stdio: "ignore" });
  const ends = new Date(new X509Certificate(readFileSync(cert)).validTo).toISOString();
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
    response.writeHead(404).end(),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  rmSync(directory, { recursive: true });
  return { server, port: (server.address() as AddressInfo).port, ends };
};
