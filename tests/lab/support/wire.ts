/** What goes over the wire as it is: bytes that no HTTP client would send, and when the other end had enough. */
import { connect, type Socket } from "node:net";
import tls from "node:tls";
import { rootOf } from "../../../lab";

/** A connection to the edge, and all that came back on it so far. */
export class Wire {
  received = "";
  /** Resolves once the other end has closed. */
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      this.received += chunk;
    });
    // What the other end does is told by `closed` and by what was received.
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** Over TLS, with HTTP/1.1. */
  static secure(host: string): Promise<Wire> {
    const socket = tls.connect({
      host,
      port: 443,
      servername: host,
      ca: rootOf("staging"),
      ALPNProtocols: ["http/1.1"],
    });
    return Wire.open(socket, "secureConnect");
  }

  /** Over TCP alone. */
  static plain(host: string): Promise<Wire> {
    return Wire.open(connect({ host, port: 80 }), "connect");
  }

  private static open(socket: Socket, event: string): Promise<Wire> {
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once(event, () => {
        socket.off("error", reject);
        resolve(new Wire(socket));
      });
    });
  }

  /** Sends a request's lines, and the empty one after them. */
  send(...lines: string[]): void {
    this.socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  /** Status of the first answer; 0 while there is none. */
  get status(): number {
    return Number(/^HTTP\/1\.[01] (\d{3})/.exec(this.received)?.[1] ?? 0);
  }
}

/** The answer to a request that is given line by line and ends its connection. */
export const exchange = async (wire: Wire, ...lines: string[]): Promise<Wire> => {
  wire.send(...lines);
  await wire.closed;
  return wire;
};
