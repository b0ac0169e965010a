import assert from "node:assert/strict";
import type { Server } from "node:https";
import * as pulumi from "@pulumi/pulumi";
import type { Addresses } from "../components/rules/addresses";
import { controllerLabels } from "../components/rules/names";
import { phases } from "../components/rules/proxyProtocol";
import { Serving, type ServingPartArgs } from "../components/serving";
import type { PolicyName } from "../components/standing/policy";
import { put, putText, stand, way } from "./support/cluster";
import { type Made, see } from "./support/controllers";
import { deploy } from "./support/deploy";
import { serve } from "./support/https";
import { names } from "./support/names";
import { balancerService, through } from "./support/proxyProtocol";

const loopback: Addresses = [{ type: "IPAddress", value: "127.0.0.1" }];
const programmed = { name: "https", conditions: [{ type: "Programmed", status: "True" }] };
const dead = {
  name: "https",
  conditions: [
    { type: "ResolvedRefs", status: "False", reason: "InvalidCertificateRef", message: "Secret tls does not exist." },
  ],
};
const gateway = (listener: object, addresses: object[] = loopback): [Made, object] => [
  { kind: "Gateway", name: "eg", namespace: "envoy-gateway", spec: { listeners: [] } },
  { addresses, listeners: [listener] },
];
const certificate = (notAfter: string, conditions: object[] = []): [Made, object] => [
  { kind: "Certificate", name: "wildcard-example-com", namespace: "envoy-gateway" },
  { notAfter, conditions },
];
const controllers: [Made, object | undefined][] = [
  [{ kind: "ClientTrafficPolicy", name: "eg", namespace: "envoy-gateway" }, undefined],
  [{ kind: "BackendTrafficPolicy", name: "eg", namespace: "envoy-gateway" }, undefined],
  [{ kind: "Release", name: "eg", namespace: "envoy-gateway-system" }, {}],
  [{ kind: "Release", name: "cert-manager", namespace: "cert-manager" }, {}],
];

const policies: PolicyName[] = [
  { kind: "ClientTrafficPolicy", name: "eg" },
  { kind: "BackendTrafficPolicy", name: "eg" },
];

describe("Serving", () => {
  let server: Server;
  let port: number;
  let ends: string;
  before(async () => {
    ({ server, port, ends } = await serve("example.com", "*.example.com"));
  });
  after(() => server.close());
  afterEach(() => stand());

  /** Ends an up with these objects in the cluster. */
  const run = (objects: [Made, object | undefined][], args: Partial<ServingPartArgs> = {}, preview = false) =>
    deploy(
      async () => {
        for (const [made, status] of objects) see(made, () => status);
        const part = {
          names,
          domains: ["example.com"],
          addresses: pulumi.output(loopback) as pulumi.Output<Addresses>,
          certificates: Promise.resolve(),
          policies,
          proxyProtocol: phases.off,
          replicas: 2,
          way: way(),
          guarded: false,
          port,
          seconds: 0,
          ...args,
        };
        new Serving("serving", part, {});
      },
      { preview },
    );

  it("is through when every domain is answered with the certificate that stands", async () => {
    await run([...controllers, gateway(programmed), certificate(ends)]);
  });

  describe("with a controller whose proxies refuse what they are sent", () => {
    const pod = "/api/v1/namespaces/envoy-gateway-system/pods/envoy-gateway-0";
    const received = '2026-11-27T04:27:20.700Z\tinfo\txds\trunner/runner.go:288\treceived an update\t{"runner": "xds"}';
    const rejected = (gateway: string) =>
      `2026-11-27T04:27:20.751Z\terror\txds\tcache/snapshotcache.go:396\tEnvoy rejected the last update for type type.googleapis.com/envoy.config.route.v3.RouteConfiguration on node envoy-${gateway}-f8b463ac-99f754f68-hhb7j with code 13 and message Incorrect configuration: Save 20% today. Couldn't find valid command at position 7; the proxy is still serving its last known good config and a restarting proxy will fail to load this config`;
    const skipped =
      '2026-11-27T04:28:06.921Z\terror\txds\trunner/runner.go:345\tskipped publishing xds resources: failed to translate xds ir\t{"runner": "xds", "error": "invalid HTTPFault.Delay: value must be greater than 0s"}';
    const guide =
      "2026-11-27T04:27:20.751Z\terror\txds-translator\tcache/snapshotcache.go:235\tEnvoy rejected the last update with code 13 and message bad";
    const warnings = async (...log: string[]) => {
      put(pod, { metadata: { name: "envoy-gateway-0", labels: { "control-plane": "envoy-gateway" } } });
      putText(`${pod}/log`, log.join("\n"));
      const found = await run([...controllers, gateway(programmed), certificate(ends)]);
      return found.warnings.map((warning) => /got (.*) \(no change of any route arrives/.exec(warning)?.[1]);
    };

    for (const [what, log, told] of [
      [
        "tells in whose words",
        [received, rejected("envoy-gateway-eg"), rejected("envoy-gateway-eg")],
        ["Incorrect configuration: Save 20% today. Couldn't find valid command at position 7"],
      ],
      ["tells what is not even sent", [received, skipped], ["invalid HTTPFault.Delay: value must be greater than 0s"]],
      ["tells it of Envoy Gateway 1.3", [received, guide], ["bad"]],
      ["says nothing once the next change was taken", [received, rejected("envoy-gateway-eg"), received], []],
      ["says nothing of another Gateway's proxies", [received, rejected("shop-eg")], []],
    ] as const)
      it(what, async () => {
        assert.deepEqual(await warnings(...log), told);
      });
  });

  it("asks nothing in a preview", async () => {
    await run([], { port: 1 }, true);
  });

  it("tells of a connection that is refused, and what the cluster says of it", async () => {
    await assert.rejects(run([...controllers, gateway(dead), certificate(ends)], { port: 1 }), {
      message: [
        "https must be answered on every domain with its certificate, got, after 0 s:",
        "  https://example.com at 127.0.0.1: got connect ECONNREFUSED 127.0.0.1:1",
        "  listener https is not ResolvedRefs: InvalidCertificateRef: Secret tls does not exist",
        "  (if the load balancer cannot be reached from here, set serving.reachable to false)",
      ].join("\n"),
    });
  });

  it("tells of controllers and proxies without a pod", async () => {
    const missing =
      /Deployment cert-manager\/cert-manager is not there\n.*Deployment envoy-gateway-system\/envoy-gateway is/;
    await assert.rejects(run([gateway(programmed), certificate(ends)], { port: 1 }), { message: missing });
  });

  it("knows controllers by their labels, whatever their releases are called", async () => {
    put("/apis/apps/v1/namespaces/cert-manager/deployments/platform-cert-manager", {
      metadata: { name: "platform-cert-manager", uid: "1", labels: controllerLabels.certManager },
      spec: { replicas: 2 },
      status: {},
    });
    await assert.rejects(run([gateway(programmed), certificate(ends)], { port: 1 }), {
      message: /Deployment cert-manager\/platform-cert-manager has 0 of 2 pods available\n/,
    });
  });

  it("gives up early when the cluster objects and nobody is at work on it", async () => {
    const wait = { port: 1, seconds: 900, standstill: 0 };
    await assert.rejects(run([...controllers, gateway(dead), certificate(ends)], wait), {
      message: /^https must be answered on every domain with its certificate, got:\n/,
    });
  });

  it("does not end while a policy of the edge is not in force, however HTTPS is answered", async () => {
    const conditions = [{ type: "Accepted", status: "False", reason: "Conflicted", message: "Targets eg already." }];
    const conflicted: [Made, object] = [
      { kind: "ClientTrafficPolicy", name: "eg", namespace: "envoy-gateway" },
      { ancestors: [{ ancestorRef: { name: "eg" }, conditions }] },
    ];
    await assert.rejects(run([...controllers, conflicted, gateway(programmed), certificate(ends)]), {
      message: /\n {2}ClientTrafficPolicy eg is not accepted: Conflicted: Targets eg already$/,
    });
  });

  it("does not end while a further policy is not there", async () => {
    const further: PolicyName = { kind: "ClientTrafficPolicy", name: "eg-https" };
    const all = { policies: [...policies, further] };
    await assert.rejects(run([...controllers, gateway(programmed), certificate(ends)], all), {
      message: /\n {2}ClientTrafficPolicy eg-https is not there$/,
    });
  });

  it("waits as long as a certificate is being issued", async () => {
    const issuing = certificate(ends, [{ type: "Issuing", status: "True" }]);
    await assert.rejects(run([...controllers, gateway(dead), issuing], { port: 1, seconds: 1, standstill: 0 }), {
      message: /, got, after 1 s:\n/,
    });
  });

  it("does not take another name's certificate", async () => {
    const domains = ["example.org"];
    await assert.rejects(run([...controllers, gateway(programmed)], { domains }), {
      message:
        /https:\/\/example\.org at 127\.0\.0\.1: got a certificate for example\.com, \*\.example\.com, by test\n/,
    });
  });

  it("does not take an earlier certificate than the one that stands", async () => {
    await assert.rejects(run([...controllers, gateway(programmed), certificate("2030-01-01T00:00:00Z")]), {
      message: /: got a certificate until .*, while the one in the cluster is until 2030-01-01T00:00:00Z\n/,
    });
  });

  it("ends when the Gateway has another address than the records lead to", async () => {
    const moved = gateway(programmed, [{ type: "IPAddress", value: "203.0.113.9" }]);
    await assert.rejects(run([...controllers, moved, certificate(ends)], { seconds: 900 }), {
      message:
        / {2}the Gateway is at 203\.0\.113\.9 by now, and the records lead to 127\.0\.0\.1 \(run pulumi up again/,
    });
  });

  describe("where trusted proxies alone are let in", () => {
    const objects = () => [...controllers, gateway(programmed), certificate(ends)];

    it("goes by what the cluster reports, and is content when this machine is kept out", async () => {
      const { warnings } = await run(objects(), { port: 1, guarded: true });
      assert.deepEqual(warnings, []);
    });

    it("warns when this machine is let in", async () => {
      const { warnings } = await run(objects(), { guarded: true });
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0] ?? "",
        /^trustedProxies\.only must keep others out, but https:\/\/example\.com at 127\.0\.0\.1 answers this machine\. /,
      );
    });

    it("asks for an answer, and takes it for good, when this machine is said to be one of them", async () => {
      const { warnings } = await run(objects(), { guarded: true, reachable: true });
      assert.deepEqual(warnings, []);
      await assert.rejects(run(objects(), { port: 1, guarded: true, reachable: true }), { message: /ECONNREFUSED/ });
    });
  });

  describe("with PROXY protocol", () => {
    /** Ends an up that wants a phase, on a way that does something else perhaps. */
    const runThrough = async (
      wanted: keyof typeof phases,
      stands: { proxies: keyof typeof phases; balancer: keyof typeof phases; service?: boolean },
      args: Partial<ServingPartArgs> = {},
    ) => {
      const until = ends;
      const both = { proxies: phases[stands.proxies].proxies, balancer: phases[stands.balancer].balancer };
      const way = await through(both, port);
      balancerService(stands.service ?? phases[wanted].balancer);
      try {
        const objects = [...controllers, gateway(programmed), certificate(until)];
        await run(objects, { port: way.port, proxyProtocol: phases[wanted], ...args });
      } finally {
        way.close();
      }
    };

    for (const phase of ["off", "prepare", "enable", "enforce"] as const)
      it(`is through in phase ${phase} when both ends do their part`, () =>
        runThrough(phase, { proxies: phase, balancer: phase }));

    const wrong: [keyof typeof phases, { proxies: keyof typeof phases; balancer: keyof typeof phases }, RegExp][] = [
      [
        "prepare",
        { proxies: "off", balancer: "off" },
        /got 0 of 8 connections with a PROXY header .* are to take it \(not all/,
      ],
      [
        "enable",
        { proxies: "enable", balancer: "off" },
        /got 8 of 8 .*, so the load balancer sends none \(its controller/,
      ],
      ["enforce", { proxies: "enforce", balancer: "off" }, /127\.0\.0\.1: got .*\n.*, so the load balancer sends none/],
      ["off", { proxies: "prepare", balancer: "off" }, /got 8 of 8 .*, while the proxies are to take none \(not all/],
    ];
    for (const [phase, stands, message] of wrong)
      it(`tells in phase ${phase} that the ${stands.proxies === phase ? "load balancer's" : "proxies'"} end does not do its part`, () =>
        assert.rejects(runThrough(phase, stands), { message }));

    it("meets a proxy that has not followed among those that have", async () => {
      const some = await through({ ...phases.prepare, proxies: "optional" }, port, { without: 3 });
      try {
        const args = { port: some.port, proxyProtocol: phases.prepare };
        await assert.rejects(run([...controllers, gateway(programmed), certificate(ends)], args), {
          message: /PROXY protocol at 127\.0\.0\.1: got 7 of 8 connections/,
        });
      } finally {
        some.close();
      }
    });

    it("does not end while the Service says something else, however connections are answered", async () => {
      await assert.rejects(runThrough("enable", { proxies: "enable", balancer: "enable", service: false }), {
        message: /\n {2}the Service of the proxies does not tell the load balancer to send PROXY protocol yet/,
      });
      await assert.rejects(
        runThrough("prepare", { proxies: "prepare", balancer: "prepare", service: true }, { reachable: false }),
        { message: /\n {2}the Service of the proxies still tells the load balancer to send PROXY protocol/ },
      );
    });
  });

  describe("where the load balancer cannot be reached from here", () => {
    it("goes by what the cluster reports", async () => {
      await run([...controllers, gateway(programmed), certificate(ends)], { port: 1, reachable: false });
      await assert.rejects(run([...controllers, gateway(dead)], { port: 1, reachable: false }), {
        message: [
          "https must be answered on every domain with its certificate, got, after 0 s:",
          "  listener https is not ResolvedRefs: InvalidCertificateRef: Secret tls does not exist",
        ].join("\n"),
      });
    });
  });
});
