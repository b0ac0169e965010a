import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Gateway, gatewayNamespace } from "../components/gateway";
import { knownOrNot } from "../components/resources/unknown";
import type { GatewayObject, ListenerSpec } from "../components/standing/gateway";
import { standingAt, way } from "./support/cluster";
import { type Deployment, deploy, Earlier, settled, types, type World } from "./support/deploy";
import { attached, labels, names } from "./support/names";

let part: Gateway;
const parametersRef = { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: "eg" };
const run = (world: World = {}): Promise<Deployment> =>
  deploy(() => {
    part = new Gateway(
      "gateway",
      {
        names,
        gatewayClassName: "eg",
        parametersRef,
        namespace: pulumi.output("envoy-gateway"),
        domains: ["example.com", "example.org"],
        certificates: Promise.resolve([new Earlier("certificate")]),
        admission: [new Earlier("policy")],
        way: way(),
        seconds: 0,
      },
      {},
    );
  }, world);

describe("Gateway", () => {
  it("is one Gateway under one component", async () => {
    const deployment = await run();
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Gateway", "gateway"],
      [types.gateway, "gateway"],
      [types.earlier, "certificate"],
      [types.earlier, "policy"],
    ]);
    assert.deepEqual(deployment.only(types.gateway).parent, ["https-edge:index:Gateway", "gateway"]);
    assert.equal(deployment.only(types.gateway).options.timeout, "10m");
  });

  it("listens on 80 for its own namespace and on 443 for namespaces that may attach", async () => {
    const waitFor = [
      "condition=Programmed",
      "jsonpath={.status.addresses[0].value}",
      'jsonpath={.status.listeners[?(@.name=="http")].conditions[?(@.type=="Programmed")].status}=True',
    ];
    assert.deepEqual((await run()).only(types.gateway).inputs, {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: {
        name: "eg",
        namespace: "envoy-gateway",
        labels,
        annotations: { "pulumi.com/waitFor": JSON.stringify(waitFor), "pulumi.com/patchForce": "true" },
      },
      spec: {
        gatewayClassName: "eg",
        infrastructure: { parametersRef },
        listeners: [
          { name: "http", protocol: "HTTP", port: 80, allowedRoutes: { namespaces: { from: "Same" } } },
          {
            name: "https",
            protocol: "HTTPS",
            port: 443,
            tls: {
              mode: "Terminate",
              certificateRefs: [
                { kind: "Secret", name: "wildcard-example-com-tls" },
                { kind: "Secret", name: "wildcard-example-org-tls" },
              ],
            },
            allowedRoutes: {
              namespaces: { from: "Selector", selector: { matchLabels: { "https-edge/eg": "attach" } } },
            },
          },
        ],
      },
    });
  });

  it("gives routes its listeners, and the domains that HTTPS serves", async () => {
    await run();
    const parentRef = { name: "eg", namespace: "envoy-gateway" };
    assert.deepEqual(await settled(part.http.parentRef), { ...parentRef, sectionName: "http" });
    assert.deepEqual(await settled(part.https.parentRef), { ...parentRef, sectionName: "https" });
    assert.deepEqual(part.https.domains, ["example.com", "example.org"]);
  });

  it("tells the addresses that stand in the cluster, whatever the state has of the Gateway", async () => {
    const stale = { status: { addresses: [{ type: "IPAddress", value: "203.0.113.9" }] } };
    await run({ outputs: ({ name }) => (name === "gateway" ? stale : undefined) });
    assert.deepEqual(await settled(part.addresses), [{ type: "IPAddress", value: "203.0.113.7" }]);
  });

  describe("with a listener from another hand", () => {
    const path = "/apis/gateway.networking.k8s.io/v1/namespaces/envoy-gateway/gateways/eg";
    const clear = { name: "clear", protocol: "HTTP", port: 8080, allowedRoutes: { namespaces: { from: "All" } } };
    /** A Gateway that somebody patches as soon as it has been made. */
    const patched = (change: (listeners: ListenerSpec[]) => ListenerSpec[], preview = false): Promise<Deployment> =>
      run({
        preview,
        says: ({ spec }) => {
          const own = spec as { listeners: ListenerSpec[] };
          own.listeners = change(own.listeners);
          return { addresses: [{ value: "203.0.113.7" }] };
        },
      });
    const listeners = () => (standingAt(path) as GatewayObject).spec.listeners.map(({ name }) => name);

    it("takes it away and says so", async () => {
      const { warnings } = await patched((own) => [...own, clear]);
      assert.deepEqual(warnings, [
        "Gateway envoy-gateway/eg had a listener clear (HTTP 8080) from another hand. It is put right; for listeners of your own make a Gateway of your own.",
      ]);
      assert.deepEqual(listeners(), ["http", "https"]);
    });

    it("shows it in a preview, and leaves it", async () => {
      const { warnings } = await patched((own) => [...own, clear], true);
      assert.match(warnings.join(), /had a listener clear \(HTTP 8080\) from another hand\. up takes it away;/);
      assert.deepEqual(listeners(), ["http", "https", "clear"]);
    });

    it("puts its own listeners' settings right", async () => {
      const { warnings } = await patched(([http, ...others]) => [
        { ...(http as ListenerSpec), allowedRoutes: { namespaces: { from: "All" } } },
        ...others,
      ]);
      assert.match(warnings.join(), /had other settings of listener http from another hand/);
      const [http] = (standingAt(path) as GatewayObject).spec.listeners;
      assert.deepEqual(http?.allowedRoutes, { namespaces: { from: "Same" } });
    });

    it("has nothing to say of what the API server adds by itself", async () => {
      const { warnings } = await patched((own) => own.map((each) => ({ ...each, hostname: undefined, added: {} })));
      assert.deepEqual(warnings, []);
    });
  });

  const own = { type: "Hostname", value: "lb.example.org" };
  for (const [what, addresses, problem] of [
    ["without an address", [], /^gateway must have an address, got none \(.*run pulumi up again/],
    [
      "with a name below a domain",
      [own],
      /^gateway must have an address outside its own domains, got "lb.example.org"/,
    ],
  ] as const) {
    it(`rejects a Gateway ${what}`, async () => {
      await assert.rejects(run({ says: () => ({ addresses }) }), { message: problem });
    });

    it(`warns in a preview of a Gateway ${what}, and does not know its addresses`, async () => {
      const { warnings } = await run({ says: () => ({ addresses }), preview: true });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", problem);
      assert.equal(await settled(knownOrNot(part.addresses, (addresses) => addresses ?? "unknown")), "unknown");
    });
  }

  it("has a namespace that may attach, under the restricted pod security standard", async () => {
    const deployment = await deploy(() => gatewayNamespace("gateway", { names, usesControllers: false }, {}));
    assert.deepEqual(deployment.list, [[types.namespace, "gateway"]]);
    assert.deepEqual(deployment.only(types.namespace).inputs, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "envoy-gateway",
        labels: attached,
      },
    });
  });
});
