import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Gateway, gatewayNamespace } from "../components/gateway";
import { knownOrNot } from "../components/resources/unknown";
import { type Deployment, deploy, Earlier, settled, types, type World } from "./support/deploy";
import { attached, labels } from "./support/names";

let part: Gateway;
const parametersRef = { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: "eg" };
const run = (world: World = {}): Promise<Deployment> =>
  deploy(() => {
    part = new Gateway(
      "gateway",
      {
        gatewayClassName: "eg",
        parametersRef,
        namespace: pulumi.output("envoy-gateway"),
        domains: ["example.com", "example.org"],
        certificates: [new Earlier("certificate")],
      },
      {},
    );
  }, world);

describe("Gateway", () => {
  it("is one Gateway under one component, and the same read as it stands", async () => {
    const deployment = await run();
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Gateway", "gateway"],
      [types.gateway, "gateway"],
      [types.earlier, "certificate"],
    ]);
    assert.deepEqual(deployment.only(types.gateway).parent, ["https-edge:index:Gateway", "gateway"]);
    assert.equal(deployment.only(types.gateway).options.timeout, "10m");
    assert.deepEqual(deployment.reads, [
      { type: types.gateway, name: "gateway-standing", id: "gateway-id", provider: undefined },
    ]);
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
      await assert.rejects(run({ addresses: [...addresses] }), { message: problem });
    });

    it(`warns in a preview of a Gateway ${what}, and does not know its addresses`, async () => {
      const { warnings } = await run({ addresses: [...addresses], preview: true });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", problem);
      assert.equal(await settled(knownOrNot(part.addresses, (addresses) => addresses ?? "unknown")), "unknown");
    });
  }

  it("has a namespace that may attach, under the restricted pod security standard", async () => {
    const deployment = await deploy(() => gatewayNamespace("gateway", {}));
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
