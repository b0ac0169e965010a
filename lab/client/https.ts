/** What a client sees of a host over HTTPS: the handshake, the certificate and the answer. */
import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import type net from "node:net";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { trust } from "../layout";

/** The certificate that a server showed. */
export interface Shown {
  serial: string;
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
  /** Address of this machine to connect from. */
  from?: string;
  timeout?: number;
}

/** The root of one of the lab's two Let's Encrypts, or of the firm's own CA. */
export const rootOf = (environment: keyof typeof trust): string => readFileSync(trust[environment], "utf8");

/**
 * Sends a request over its own TLS connection. Rejects when the chain does not end at a trusted root, or the certificate does not cover the
 * host.
 */
export const ask = async (host: string, options: Ask = {}): Promise<Answer> => {
  const socket = await connect(host, options);
  try {
    const certificate = shown(socket);
    const answer = await (socket.alpnProtocol === "h2" ? overHttp2 : overHttp1)(socket, host, options);
    return { ...answer, certificate };
  } finally {
    socket.destroy();
  }
};

/** A TLS connection with a host. */
export const connect = (host: string, options: Ask): Promise<tls.TLSSocket> => {
  const { roots = [rootOf("staging"), rootOf("production")], protocols = ["h2", "http/1.1"] } = options;
  const { address = host, from, timeout = 5_000 } = options;
  return new Promise((resolve, reject) => {
    const way: net.TcpNetConnectOpts = { host: address, port: 443, localAddress: from };
    const socket = tls.connect({
      ...way,
      servername: host,
      ca: roots,
      ALPNProtocols: protocols,
      timeout,
    });
    const late = () => socket.destroy(new Error(`no handshake with ${host} in ${timeout} ms`));
    socket.once("timeout", late);
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      // From here on each request has a time of its own.
      socket.setTimeout(0).off("timeout", late);
      resolve(socket);
    });
  });
};

/** The certificate of a connection. */
export const shown = (socket: tls.TLSSocket): Shown => {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) throw new Error("the server showed no certificate");
  return {
    serial: leaf.serialNumber,
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

/** An answer without the connection that it came over. */
export type Reply = Omit<Answer, "certificate">;

const overHttp2 = async (socket: tls.TLSSocket, host: string, options: Ask): Promise<Reply> => {
  const session = http2.connect(`https://${host}`, { createConnection: () => socket });
  const broken = new Promise<never>((_, reject) => session.once("error", reject));
  const answer = await Promise.race([overSession(session, host, options), broken]);
  session.close();
  return answer;
};

/** Sends a request over an HTTP/2 connection. */
export const overSession = (
  session: http2.ClientHttp2Session,
  host: string,
  { path = "/", headers = {}, timeout = 5_000 }: Ask,
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path, ":authority": host, ...headers });
    stream.setTimeout(timeout, () => stream.destroy(new Error(`no answer from ${host} in ${timeout} ms`)));
    stream.once("error", reject);
    let responded = false;
    stream.once("response", (response) => {
      responded = true;
      const answer = { status: Number(response[":status"]), headers: plain(response), protocol: "h2" as const };
      text(stream).then((body) => resolve({ ...answer, body }), reject);
    });
    // A stream may end without an error and without a response, such as with a connection that the server closes.
    stream.once("close", () => {
      if (!responded) reject(new Error(`no answer from ${host}: reset with code ${stream.rstCode}`));
    });
  });

const overHttp1 = async (
  socket: tls.TLSSocket,
  host: string,
  { path = "/", headers = {}, timeout = 5_000 }: Ask,
): Promise<Reply> => {
  const asked = { host, connection: "close", ...headers };
  const answer = await collect({ createConnection: () => socket, path, headers: asked, timeout });
  return { ...answer, protocol: "http/1.1" };
};

/** Sends a request over plain HTTP, and follows no redirect. */
export const askPlain = (host: string, path = "/", address = host): Promise<Omit<Reply, "protocol">> =>
  collect({ host: address, port: 80, path, headers: { host, connection: "close" }, timeout: 5_000 });

/** Sends a request over HTTP/1.1 and reads the whole answer. */
export const collect = (options: http.RequestOptions): Promise<Omit<Reply, "protocol">> =>
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
