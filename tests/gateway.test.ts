import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Gateway, gatewayNamespace } from "../components/gateway";
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
  it("is one Gateway under one component", async () => {
    const deployment = await run();
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Gateway", "gateway"],
      [types.gateway, "gateway"],
      [types.earlier, "certificate"],
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

  for (const [given, told] of [
    [{ value: "203.0.113.7" }, { type: "IPAddress", value: "203.0.113.7" }],
    [
      { type: "IPAddress", value: "2001:db8::7" },
      { type: "IPAddress", value: "2001:db8::7" },
    ],
    [
      { type: "Hostname", value: "lb.cloud.example" },
      { type: "Hostname", value: "lb.cloud.example" },
    ],
  ]) {
    it(`tells ${given?.value} as ${told?.type}`, async () => {
      await run({ address: given });
      assert.deepEqual(await settled(part.address), told);
    });
  }

  it("rejects a Gateway without an address", async () => {
    await assert.rejects(run({ address: null }), {
      message: "gateway must have an address, got none (does the cluster provide load balancers?)",
    });
  });

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
