import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server as SecureServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { type ProxyProtocolOptions, proxyProtocol, stepsOf } from "../../operations/proxyProtocol";
import { kubeconfig, put, stand } from "../support/cluster";
import { fails, saying } from "../support/command";
import { serve } from "../support/https";
import { FakePulumi } from "../support/pulumi";
import { secret, stateOf } from "../support/stackState";
import { standEdge } from "../support/standEdge";
import { healthyEdge } from "../support/standingEdge";

describe("https-edge proxy-protocol", () => {
  let pulumi: FakePulumi;
  let secured: SecureServer;
  let balancer: Server;
  let port: number;
  let ends: string;
  /** The phase in which nobody is answered. */
  let broken: string | undefined;

  /** The phase that was set last. */
  const phase = (): string => {
    const set = pulumi.calls.flatMap((call) => /^config set .*proxyProtocol\.phase (\w+)/.exec(call)?.[1] ?? []);
    return set.at(-1) ?? "off";
  };

  before(async () => {
    const served = await serve("example.com", "*.example.com");
    secured = served.server;
    ends = served.ends;
    // Takes a PROXY header as the proxies do in phase prepare, and resets it in any other.
    balancer = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (first) => {
        const [header = ""] = /^PROXY [^\n]*\n/.exec(first.toString("latin1")) ?? [];
        if ((header && phase() !== "prepare") || phase() === broken) return socket.destroy();
        socket.pause();
        socket.unshift(first.subarray(header.length));
        return secured.emit("connection", socket);
      });
    }).listen(0, "127.0.0.1");
    await once(balancer, "listening");
    port = (balancer.address() as AddressInfo).port;
  });
  after(() => {
    secured.close();
    balancer.close();
  });
  beforeEach(async () => {
    pulumi = new FakePulumi(stateOf({ kubeconfig: secret(await kubeconfig()) }));
    pulumi.write("config", "{}");
    broken = undefined;
    standEdge(ends);
  });
  afterEach(() => {
    pulumi.remove();
    stand();
  });

  const run = (options: Partial<ProxyProtocolOptions> = {}) =>
    saying(() =>
      proxyProtocol(
        { stack: "prod", direction: "enable", loadBalancer: "hetzner", yes: true, timeout: 1, ...options },
        port,
      ),
    );
  const standsIn = (set: string) =>
    pulumi.write(
      "config",
      JSON.stringify({ "https-edge:proxyProtocol": { objectValue: { phase: set, loadBalancer: "hetzner" } } }),
    );
  /** What was set and run, in turn. */
  const done = (): string[] =>
    pulumi.calls.flatMap((call) => {
      if (call.startsWith("up ")) return ["up"];
      return /^config set --path https-edge:proxyProtocol\.(\w+ \S+)/.exec(call)?.[1] ?? [];
    });

  it("knows the way between any two phases", () => {
    assert.deepEqual(stepsOf("off", "enforce"), ["prepare", "enable", "enforce"]);
    assert.deepEqual(stepsOf("enable", "enforce"), ["enforce"]);
    assert.deepEqual(stepsOf("enforce", "off"), ["enable", "prepare", "off"]);
    assert.deepEqual(stepsOf("off", "off"), []);
    assert.deepEqual(stepsOf("off", "enforce", false), ["enforce"]);
    assert.deepEqual(stepsOf("enforce", "off", false), ["off"]);
  });

  it("goes by each phase with a pulumi up, and looks from outside after each", async () => {
    const { code, said } = await run();
    assert.equal(code, 0, said);
    assert.deepEqual(done(), [
      ...["loadBalancer hetzner", "phase prepare", "up", "phase enable", "up", "phase enforce", "up"],
    ]);
    assert.match(said, /^proxyProtocol goes from off to prepare, then enable, then enforce: a pulumi up each/);
    assert.match(said, /\nPhase enforce: every address answers as it must\.$/);
  });

  it("knows which Envoy Gateway cannot take both, says that connections are reset, and goes at once", async () => {
    const { controllers } = healthyEdge();
    const [controller] = controllers.envoyGateway;
    const labels = { "control-plane": "envoy-gateway", "app.kubernetes.io/version": "v1.3.3" };
    put("/apis/apps/v1/namespaces/envoy-gateway-system/deployments/envoy-gateway", {
      ...controller,
      metadata: { ...controller?.metadata, labels },
    });
    const { code, said } = await run();
    assert.equal(code, 0, said);
    assert.deepEqual(done(), ["loadBalancer hetzner", "phase enforce", "up"]);
    assert.match(said, /every connection is reset until the load balancer has followed/);
  });

  it("goes on from the phase that the stack is in, and has nothing to do at the end", async () => {
    standsIn("enforce");
    assert.equal((await run({ loadBalancer: undefined })).said, "proxyProtocol.phase is enforce: nothing to do.");
    pulumi.write("config", "{}");
    assert.equal((await run({ direction: "disable" })).said, "proxyProtocol.phase is off: nothing to do.");
    assert.deepEqual(done(), []);
  });

  it("stops at the first phase in which an address does not answer, and goes back by one", async () => {
    broken = "enable";
    const { code } = await run();
    assert.equal(code, 22);
    assert.deepEqual(done().slice(-4), ["phase enable", "up", "phase prepare", "up"]);
  });

  it("goes back as well when pulumi up fails", async () => {
    pulumi.write("code", "255");
    const { code } = await run();
    assert.equal(code, 22);
    assert.deepEqual(done(), ["loadBalancer hetzner", "phase prepare", "up", "phase off", "up"]);
  });

  it("changes nothing where an address does not answer as it is", async () => {
    broken = "off";
    await fails(
      run(),
      22,
      /^each address must answer as in phase off before anything is changed, got 127\.0\.0\.1: .*, after 0 s$/,
    );
    assert.deepEqual(done(), []);
  });

  it("asks for a load balancer that can send it", async () => {
    await fails(
      run({ loadBalancer: undefined }),
      2,
      /^--load-balancer must be one that can send PROXY protocol, got none/,
    );
    await fails(run({ loadBalancer: "metallb" }), 2, /got "metallb" \(there are vks, /);
    assert.deepEqual(done(), []);
  });
});
