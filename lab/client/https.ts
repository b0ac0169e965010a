/** What a client sees of a host over HTTPS: the handshake, the certificate and the answer. */
import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { trust } from "../layout";

/** The certificate that a server showed. */
export interface Shown {
  issuer: string;
  names: string[];
  from: Date;
  to: Date;
  /** Type and curve of the key: "ec prime256v1". */
  key: string;
  /** How many certificates the server sent. */
  chain: number;
}

/** One answer over TLS. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The protocol that client and server agreed on. */
  protocol: "h2" | "http/1.1";
  certificate: Shown;
}

/** Options of a request. */
export interface Ask {
  path?: string;
  headers?: Record<string, string>;
  /** Roots to trust, in PEM. The default is the roots of both Let's Encrypts. */
  roots?: string[];
  /** Protocols to offer. */
  protocols?: string[];
  /** Address to connect to. The default is the host's own. */
  address?: string;
  timeout?: number;
}

/** The root of one of the lab's two Let's Encrypts. */
export const rootOf = (environment: keyof typeof trust): string => readFileSync(trust[environment], "utf8");

/**
 * Sends a request over its own TLS connection. Rejects when the chain does not end at a trusted root, or the certificate does not cover the
 * host.
 */
export const ask = async (host: string, options: Ask = {}): Promise<Answer> => {
  const { path = "/", headers = {}, roots = [rootOf("staging"), rootOf("production")] } = options;
  const { protocols = ["h2", "http/1.1"], timeout = 5_000, address = host } = options;
  const socket = await connect(host, address, roots, protocols, timeout);
  try {
    const certificate = shown(socket);
    const answer =
      socket.alpnProtocol === "h2"
        ? await overHttp2(socket, host, path, headers, timeout)
        : await overHttp1(socket, host, path, headers, timeout);
    return { ...answer, certificate };
  } finally {
    socket.destroy();
  }
};

const connect = (
  host: string,
  address: string,
  roots: string[],
  protocols: string[],
  timeout: number,
): Promise<tls.TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: address,
      port: 443,
      servername: host,
      ca: roots,
      ALPNProtocols: protocols,
      timeout,
    });
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
    socket.once("timeout", () => socket.destroy(new Error(`no handshake with ${host} in ${timeout} ms`)));
  });

const shown = (socket: tls.TLSSocket): Shown => {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) throw new Error("the server showed no certificate");
  return {
    issuer: leaf.issuer.replaceAll("\n", ", "),
    names: (leaf.subjectAltName ?? "").split(", ").map((name) => name.replace(/^DNS:/, "")),
    from: new Date(leaf.validFrom),
    to: new Date(leaf.validTo),
    key: [leaf.publicKey.asymmetricKeyType, leaf.publicKey.asymmetricKeyDetails?.namedCurve].join(" "),
    chain: chainLength(leaf),
  };
};

const chainLength = (leaf: X509Certificate): number => {
  let length = 0;
  for (let at: X509Certificate | undefined = leaf; at; at = at.issuerCertificate) length++;
  return length;
};

type Reply = Omit<Answer, "certificate">;

const overHttp2 = (
  socket: tls.TLSSocket,
  host: string,
  path: string,
  headers: Record<string, string>,
  timeout: number,
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const session = http2.connect(`https://${host}`, { createConnection: () => socket });
    session.once("error", reject);
    const stream = session.request({ ":path": path, ":authority": host, ...headers });
    stream.setTimeout(timeout, () => stream.destroy(new Error(`no answer from ${host} in ${timeout} ms`)));
    stream.once("error", reject);
    stream.once("response", (response) => {
      const answer = { status: Number(response[":status"]), headers: plain(response), protocol: "h2" as const };
      text(stream).then((body) => {
        session.close();
        resolve({ ...answer, body });
      }, reject);
    });
  });

const overHttp1 = (
  socket: tls.TLSSocket,
  host: string,
  path: string,
  headers: Record<string, string>,
  timeout: number,
): Promise<Reply> =>
  collect({ createConnection: () => socket, path, headers: { host, connection: "close", ...headers }, timeout }).then(
    (answer) => ({ ...answer, protocol: "http/1.1" as const }),
  );

/** Sends a request over plain HTTP, and follows no redirect. */
export const askPlain = (host: string, path = "/", address = host): Promise<Omit<Reply, "protocol">> =>
  collect({ host: address, port: 80, path, headers: { host, connection: "close" }, timeout: 5_000 });

const collect = (options: http.RequestOptions): Promise<Omit<Reply, "protocol">> =>
  new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      const answer = { status: response.statusCode ?? 0, headers: plain(response.headers) };
      text(response).then((body) => resolve({ ...answer, body }), reject);
    });
    request.once("error", reject);
    request.once("timeout", () => request.destroy(new Error("no answer in time")));
    request.end();
  });

const plain = (headers: http.IncomingHttpHeaders | http2.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
