/** Carries UDP, which HAProxy does not: for each client a session with one of the nodes that are fit, as the clouds' balancers have it. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { BlockList, isIPv6 } from "node:net";
import type { Balancer, BalancerPort, NodeAddress } from "./balancer";

/** Whose port it is, and where it is open. */
interface Entrance {
  balancer: Balancer;
  address: string;
  port: BalancerPort;
}

export class UdpRelay {
  private readonly open = new Map<string, Relayed>();

  /** `fit` tells which nodes to send to; a session ends when nothing passed for `idle` milliseconds. */
  constructor(
    private readonly fit: (balancer: Balancer) => Promise<NodeAddress[]>,
    private readonly idle = 60_000,
  ) {}

  /** Opens what the balancers have and closes what they have no more. */
  async apply(balancers: Balancer[]): Promise<void> {
    const wanted = new Map(balancers.flatMap(entrances).map((each) => [keyOf(each), each]));
    for (const [key, relayed] of this.open) {
      if (wanted.has(key)) continue;
      relayed.close();
      this.open.delete(key);
    }
    for (const [key, entrance] of wanted) {
      if (this.open.has(key)) continue;
      const relayed = new Relayed(entrance, this.fit, this.idle);
      await relayed.listen();
      this.open.set(key, relayed);
    }
  }
}

const entrances = (balancer: Balancer): Entrance[] =>
  balancer.udpPorts.flatMap((port) => balancer.addresses.map((address) => ({ balancer, address, port })));

const keyOf = ({ balancer: { uid, sourceRanges }, address, port }: Entrance): string =>
  JSON.stringify([uid, sourceRanges, address, port]);

/** One port of one address, with the sessions of its clients. */
class Relayed {
  private readonly socket: Socket;
  private readonly sessions = new Map<string, Session>();
  private readonly allowed: BlockList | undefined;
  private turn = 0;

  constructor(
    private readonly entrance: Entrance,
    private readonly fit: (balancer: Balancer) => Promise<NodeAddress[]>,
    private readonly idle: number,
  ) {
    this.socket = createSocket(isIPv6(entrance.address) ? "udp6" : "udp4");
    this.allowed = blockList(entrance.balancer.sourceRanges);
  }

  async listen(): Promise<void> {
    this.socket.on("message", (message, from) => this.take(message, from));
    this.socket.bind(this.entrance.port.port, this.entrance.address);
    await once(this.socket, "listening");
  }

  close(): void {
    for (const session of this.sessions.values()) session.close();
    this.socket.close();
  }

  private take(message: Buffer, from: RemoteInfo): void {
    if (this.allowed && !this.allowed.check(from.address, from.family === "IPv6" ? "ipv6" : "ipv4")) return;
    const client = `${from.address} ${from.port}`;
    let session = this.sessions.get(client);
    if (!session) {
      const back = (answer: Buffer) => this.socket.send(answer, from.port, from.address);
      session = new Session(this.node(), back, this.idle, () => this.sessions.delete(client));
      this.sessions.set(client, session);
    }
    session.send(message);
  }

  /** A new session's node: each in turn. */
  private async node(): Promise<{ address: string; port: number } | undefined> {
    const fit = await this.fit(this.entrance.balancer);
    const node = fit[this.turn++ % fit.length];
    return node && { address: node.address, port: this.entrance.port.nodePort };
  }
}

/** What one client sends and gets. Without a fit node it gets nothing, as from a balancer without any. */
class Session {
  private readonly socket: Promise<Socket | undefined>;
  private readonly timer: NodeJS.Timeout;

  constructor(
    node: Promise<{ address: string; port: number } | undefined>,
    back: (answer: Buffer) => void,
    idle: number,
    ended: () => void,
  ) {
    this.timer = setTimeout(() => {
      this.close();
      ended();
    }, idle).unref();
    this.socket = node.then(
      (found) => found && connected(found, (answer) => this.passed(() => back(answer))),
      () => undefined,
    );
  }

  send(message: Buffer): void {
    this.passed(() => this.socket.then((socket) => socket?.send(message)));
  }

  close(): void {
    clearTimeout(this.timer);
    void this.socket.then((socket) => socket?.close());
  }

  private passed(pass: () => void): void {
    this.timer.refresh();
    pass();
  }
}

const connected = async (
  { address, port }: { address: string; port: number },
  onMessage: (message: Buffer) => void,
): Promise<Socket> => {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  socket.on("message", onMessage);
  // A node port on which nobody listens answers with ICMP: to the client it is silence.
  socket.on("error", () => {});
  socket.connect(port, address);
  await once(socket, "connect");
  return socket;
};

const blockList = (ranges: string[]): BlockList | undefined => {
  if (ranges.length === 0) return undefined;
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", bits = ""] = range.split("/");
    list.addSubnet(network, Number(bits), isIPv6(network) ? "ipv6" : "ipv4");
  }
  return list;
};
