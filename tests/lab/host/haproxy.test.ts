import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type Server, createServer as tcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { balancer, balancerConfig, frontConfig, HAProxy, output, start, until } from "../../../lab";

const ports = [{ name: "https-443", port: 443, nodePort: 30443, protocol: "TCP" }];
const local = { type: "LoadBalancer", ports, externalTrafficPolicy: "Local", healthCheckNodePort: 32000 };
const made = (name: string, address: string, more = {}) =>
  balancer({ metadata: { uid: name, namespace: "envoy-gateway-system", name }, spec: { ...local, ...more } }, address);
const nodes = [
  { name: "node-1", address: "127.0.1.1" },
  { name: "node-2", address: "127.0.1.2" },
];

describe("HAProxy", () => {
  let directory: string;
  const path = (name: string): string => join(directory, name);
  const files = () => ({
    configuration: path("haproxy.cfg"),
    states: path("servers.state"),
    master: path("master.sock"),
    worker: path("worker.sock"),
  });
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "haproxy-"));
  });
  beforeEach(() => writeFileSync(files().states, "1\n"));
  after(() => rmSync(directory, { recursive: true }));

  describe("accepts the configuration", () => {
    const accepts = async (text: string): Promise<void> => {
      writeFileSync(files().configuration, text);
      await output(["haproxy", "-c", "-f", files().configuration]);
    };

    it("of the front", async () => {
      const pem = path("front.pem");
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=front"];
      writeFileSync(pem, await output(["openssl", "req", "-x509", ...key, "-keyout", "-"]));
      await accepts(frontConfig({ address: "127.0.0.1", port: 8443, pem }));
    });

    it("of a balancer with all that a Service may ask for", () =>
      accepts(
        balancerConfig([made("eg", "203.0.113.7", { loadBalancerSourceRanges: ["10.0.0.0/8"] })], nodes, files()),
      ));

    it("of no balancer", () => accepts(balancerConfig([], [], files())));
  });

  it("goes on sending nothing to a node without an endpoint when another Service comes", async () => {
    const connections = { "127.0.1.1": 0, "127.0.1.2": 0 };
    const servers: Server[] = [];
    for (const address of ["127.0.1.1", "127.0.1.2"] as const) {
      const health = createServer((_, answer) => answer.writeHead(address === "127.0.1.1" ? 200 : 503).end());
      const pod = tcpServer((socket) => {
        connections[address]++;
        socket.end();
      });
      servers.push(health.listen(32000, address), pod.listen(30443, address));
    }
    writeFileSync(files().configuration, balancerConfig([], [], files()));
    const running = start(["haproxy", "-W", "-f", files().configuration, "-S", files().master]);
    try {
      const haproxy = new HAProxy(files());
      await until("HAProxy", async () => (await haproxy.servers()).length === 0, { every: 20 });
      const first = made("first", "127.0.2.1");
      // Its master starts itself again on each change, and does not listen meanwhile.
      const apply = (...balancers: ReturnType<typeof made>[]) =>
        until("the change", () => haproxy.apply(balancerConfig(balancers, nodes, files())).then(() => true), {
          every: 20,
        });
      await apply(first);
      await haproxy.asked();
      for (let service = 0; service < 5; service++) {
        await apply(first, made(`other-${service}`, "127.0.2.2"));
        for (let each = 0; each < 4; each++) await once(connect(443, "127.0.2.1").resume(), "close");
      }
      assert.deepEqual(connections, { "127.0.1.1": 20, "127.0.1.2": 0 });
    } finally {
      if (running.pid) process.kill(running.pid);
      await running.ended;
      for (const server of servers) server.close();
    }
  });
});
