/** One request over HTTPS to an address, whatever DNS says of the name by now. */
import https from "node:https";
import net from "node:net";
import tls, { type TLSSocket } from "node:tls";

/** The certificate that was served. */
export interface Served {
  /** Names that it is for. */
  names: string[];
  /** The moment when it ends, in milliseconds as Date has them. */
  ends: number;
  issuer: string;
}

/** An answer, or why there was none; `unreachable` when the way from here ends before any machine of the other side. */
export type Asked = { served: Served } | { refused: string } | { unreachable: string };

/** Milliseconds. */
const patience = 10_000;

/** There is no way from here to addresses of this family, which says nothing of whoever has one. */
const noWay = ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** Whether an error tells of that. */
export const isNoWay = ({ code = "" }: NodeJS.ErrnoException): boolean => noWay.includes(code);

/** A PROXY header that claims nothing: who reads it goes on with the address that it sees. */
const emptyHeader = "PROXY UNKNOWN\r\n";

/**
 * Asks for `/` of a host at an address, on request with a PROXY header of the client's own before TLS. Whether the certificate is to be
 * trusted is for the caller to judge.
 */
export const ask = (
  address: string,
  host: string,
  {
    port = 443,
    timeout = patience,
    withHeader = false,
  }: { port?: number; timeout?: number; withHeader?: boolean } = {},
): Promise<Asked> =>
  new Promise((resolve) => {
    const asked = https.request(
      {
        host: address,
        port,
        servername: host,
        method: "HEAD",
        headers: { host },
        rejectUnauthorized: false,
        timeout,
        // Node makes a connection of its own for `false`, and takes the given one only without any agent.
        ...(withHeader ? { createConnection: () => behindHeader(address, port, host) } : { agent: false }),
      },
      (response) => {
        response.resume();
        resolve({ served: servedOn(response.socket as TLSSocket) });
      },
    );
    asked.on("timeout", () => asked.destroy(new Error(`no answer in ${timeout / 1_000} s`)));
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const first: NodeJS.ErrnoException = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
      resolve(isNoWay(first) ? { unreachable: first.message } : { refused: first.message });
    });
    asked.end();
  });

/** The certificate that the other side of a connection has shown. */
export const servedOn = (socket: TLSSocket): Served => {
  const { subjectaltname = "", valid_to, issuer } = socket.getPeerCertificate();
  return {
    names: subjectaltname.split(", ").map((name) => name.replace(/^DNS:/, "")),
    ends: Date.parse(valid_to),
    issuer: [issuer?.O, issuer?.CN].flat().filter(Boolean).join(" "),
  };
};

/** A TLS connection that begins after a PROXY header. */
const behindHeader = (address: string, port: number, servername: string): TLSSocket => {
  const socket = net.connect({ host: address, port });
  socket.write(emptyHeader);
  const secured = tls.connect({ socket, servername, rejectUnauthorized: false });
  // The socket below tells of a connection that never came, or was reset, to nobody else.
  socket.on("error", (error) => secured.destroy(error));
  return secured;
};
