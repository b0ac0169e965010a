/** Requests over one connection for as long as the server keeps it, as browsers and CDNs send them. */
import http from "node:http";
import http2 from "node:http2";
import type { TLSSocket } from "node:tls";
import { type Answer, type Ask, collect, connect, overSession, type Reply, type Shown, shown } from "./https";

/** A connection that takes one request after the other. */
interface Open {
  certificate: Shown;
  /** Whether the server has said, or shown, that it takes no more. */
  over: () => boolean;
  ask: (options: Ask) => Promise<Reply>;
  close: () => void;
}

/** A client that asks one host. It opens another connection only when the server has ended the one before. */
export class KeptConnection {
  /** How many there were so far. */
  connections = 0;
  private open: Open | undefined;

  constructor(
    private readonly host: string,
    private readonly options: Ask,
  ) {}

  /** Sends a request. One that fails takes its connection with it. */
  async ask(): Promise<Answer> {
    if (this.open?.over()) this.close();
    this.open ??= await this.connect();
    const { certificate } = this.open;
    try {
      return { ...(await this.open.ask(this.options)), certificate };
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.open?.close();
    this.open = undefined;
  }

  private async connect(): Promise<Open> {
    const socket = await connect(this.host, this.options);
    this.connections++;
    const open = socket.alpnProtocol === "h2" ? overHttp2 : overHttp1;
    return { certificate: shown(socket), ...open(socket, this.host) };
  }
}

const overHttp2 = (socket: TLSSocket, host: string): Omit<Open, "certificate"> => {
  const session = http2.connect(`https://${host}`, { createConnection: () => socket });
  let over = false;
  const end = () => {
    over = true;
  };
  for (const event of ["goaway", "error", "close"]) session.on(event, end);
  return {
    over: () => over,
    ask: (options) => overSession(session, host, options),
    close: () => session.destroy(),
  };
};

const overHttp1 = (socket: TLSSocket, host: string): Omit<Open, "certificate"> => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  let over = false;
  const end = () => {
    over = true;
  };
  for (const event of ["error", "end", "close"]) socket.on(event, end);
  return {
    over: () => over,
    ask: async ({ path = "/", headers = {}, timeout = 5_000 }) => {
      const answer = await collect({ agent, path, headers: { host, ...headers }, timeout });
      if (answer.headers.connection === "close") end();
      return { ...answer, protocol: "http/1.1" };
    },
    close: () => {
      agent.destroy();
      socket.destroy();
    },
  };
};
