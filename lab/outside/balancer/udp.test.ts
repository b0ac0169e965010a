import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { Balancer, NodeAddress } from "./balancer";
import { UdpRelay } from "./udp";

const sockets: Socket[] = [];
const socket = async (address = "127.0.0.1", port = 0): Promise<Socket> => {
  const made = createSocket("udp4");
  sockets.push(made);
  made.bind(port, address);
  await once(made, "listening");
  return made;
};

/** A node: it answers with its name, what it got and from which port. All nodes have the same node port. */
const node = async (name: string, address: string, port?: number): Promise<NodeAddress & { nodePort: number }> => {
  const made = await socket(address, port);
  made.on("message", (message, from) => made.send(`${name} ${message} ${from.port}`, from.port, from.address));
  return { name, address, nodePort: made.address().port };
};

const freePort = async (): Promise<number> => {
  const made = await socket("127.0.0.9");
  const { port } = made.address();
  made.close();
  sockets.pop();
  return port;
};

const balancer = (port: number, nodePort: number, sourceRanges: string[] = []): Balancer => ({
  uid: "u",
  namespace: "envoy-gateway-system",
  name: "eg",
  addresses: ["127.0.0.9"],
  ports: [],
  udpPorts: [{ name: "https-443-h3", port, nodePort }],
  sourceRanges,
});

/** What comes back, or nothing within 200 ms. */
const ask = async (client: Socket, port: number, message: string): Promise<string | undefined> => {
  client.send(message, port, "127.0.0.9");
  const answer = once(client, "message", { signal: AbortSignal.timeout(200) });
  return answer.then(([buffer]) => String(buffer)).catch(() => undefined);
};

describe("Balancer of UDP", () => {
  let nodes: (NodeAddress & { nodePort: number })[] = [];
  let nodePort = 0;
  let port = 0;
  let relay: UdpRelay;
  const open = async (fit: () => NodeAddress[], ranges?: string[], idle?: number) => {
    relay = new UdpRelay(async () => fit(), idle);
    await relay.apply([balancer(port, nodePort, ranges)]);
  };

  before(async () => {
    const first = await node("node-1", "127.0.0.2");
    nodePort = first.nodePort;
    nodes = [first, await node("node-2", "127.0.0.3", nodePort)];
  });
  beforeEach(async () => {
    port = await freePort();
  });
  afterEach(() => relay.apply([]));
  after(() => {
    for (const each of sockets) each.close();
  });

  it("keeps a client with its node and its port there, and sends the next one to the next node", async () => {
    await open(() => nodes);
    const [first, second] = [await socket(), await socket()];
    const before = await ask(first, port, "hello");
    assert.match(before ?? "", /^node-1 hello \d+$/);
    assert.match((await ask(second, port, "hello")) ?? "", /^node-2 hello \d+$/);
    assert.equal(await ask(first, port, "hello"), before);
  });

  it("sends to nodes that are fit alone, and nowhere when there is none", async () => {
    let fit = nodes.slice(1);
    await open(() => fit);
    for (const client of [await socket(), await socket()])
      assert.match((await ask(client, port, "hello")) ?? "", /^node-2/);
    fit = [];
    assert.equal(await ask(await socket(), port, "hello"), undefined);
  });

  it("lets only the source ranges in", async () => {
    await open(() => nodes, ["127.0.0.128/25"]);
    assert.equal(await ask(await socket("127.0.0.1"), port, "hello"), undefined);
    assert.match((await ask(await socket("127.0.0.200"), port, "hello")) ?? "", /^node-/);
  });

  it("begins anew with a client that was silent for long", async () => {
    await open(() => nodes, [], 50);
    const client = await socket();
    assert.match((await ask(client, port, "hello")) ?? "", /^node-1/);
    await setTimeout(100);
    assert.match((await ask(client, port, "hello")) ?? "", /^node-2/);
  });

  it("closes a port that its Service has no more", async () => {
    await open(() => nodes);
    await relay.apply([]);
    assert.equal(await ask(await socket(), port, "hello"), undefined);
    await relay.apply([balancer(port, nodePort)]);
    assert.match((await ask(await socket(), port, "hello")) ?? "", /^node-/);
  });
});
