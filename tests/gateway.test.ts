import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Gateway, gatewayNamespace } from "../components/gateway";
import type { GatewayArgs } from "../components/httpsEdge";
import { type Deployment, deploy, settled, types, type World } from "./support/deploy";

let part: Gateway;
const run = (args: GatewayArgs = {}, world: World = {}): Promise<Deployment> =>
  deploy(() => {
    part = new Gateway(
      "gateway",
      {
        ...args,
        gatewayClassName: "eg",
        namespace: pulumi.output("envoy-gateway"),
        tlsSecretNames: ["wildcard-example-com-tls", "wildcard-example-org-tls"],
      },
      {},
    );
  }, world);

const proxy = (replicas: number, service: object, budget: object) => ({
  apiVersion: "gateway.envoyproxy.io/v1alpha1",
  kind: "EnvoyProxy",
  metadata: { name: "eg", namespace: "envoy-gateway" },
  spec: {
    provider: {
      type: "Kubernetes",
      kubernetes: {
        ...service,
        envoyDeployment: {
          replicas,
          pod: {
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: "kubernetes.io/hostname",
                whenUnsatisfiable: "ScheduleAnyway",
                labelSelector: { matchLabels: { "gateway.envoyproxy.io/owning-gateway-name": "eg" } },
              },
            ],
          },
        },
        ...budget,
      },
    },
  },
});

describe("Gateway", () => {
  it("is a Gateway and the settings of its proxies, under one component", async () => {
    const deployment = await run();
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Gateway", "gateway"],
      [types.envoyProxy, "gateway"],
      [types.gateway, "gateway"],
    ]);
    for (const type of [types.envoyProxy, types.gateway])
      assert.deepEqual(deployment.only(type).parent, ["https-edge:index:Gateway", "gateway"]);
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
        annotations: { "pulumi.com/waitFor": JSON.stringify(waitFor), "pulumi.com/patchForce": "true" },
      },
      spec: {
        gatewayClassName: "eg",
        infrastructure: { parametersRef: { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: "eg" } },
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
              namespaces: { from: "Selector", selector: { matchLabels: { "https-edge": "attach" } } },
            },
          },
        ],
      },
    });
  });

  it("runs two proxies on different nodes, one of which stays through a drain", async () => {
    const { inputs } = (await run()).only(types.envoyProxy);
    assert.deepEqual(inputs, proxy(2, {}, { envoyPDB: { minAvailable: 1 } }));
  });

  it("runs a single proxy without a budget, and annotates its Service", async () => {
    const annotations = { "cloud.example/kind": "network" };
    const { inputs } = (await run({ replicas: 1, annotations })).only(types.envoyProxy);
    assert.deepEqual(inputs, proxy(1, { envoyService: { annotations } }, {}));
  });

  it("tells its listeners as parents of routes", async () => {
    await run();
    const parentRef = { name: "eg", namespace: "envoy-gateway" };
    assert.deepEqual(await settled(part.http), { ...parentRef, sectionName: "http" });
    assert.deepEqual(await settled(part.https), { ...parentRef, sectionName: "https" });
    assert.equal(await settled(part.namespace), "envoy-gateway");
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
      await run({}, { address: given });
      assert.deepEqual(await settled(part.address), told);
    });
  }

  it("rejects a Gateway without an address", async () => {
    await assert.rejects(run({}, { address: null }), {
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
        labels: { "https-edge": "attach", "pod-security.kubernetes.io/enforce": "restricted" },
      },
    });
  });
});
