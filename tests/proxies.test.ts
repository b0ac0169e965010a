import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ProxiesArgs } from "../components";
import { Proxies } from "../components/proxies";
import { type Deployment, deploy, settled, types } from "./support/deploy";
import { labels } from "./support/names";

let part: Proxies;
const run = (args: ProxiesArgs = {}): Promise<Deployment> =>
  deploy(() => {
    part = new Proxies("proxies", { ...args, namespace: pulumi.output("envoy-gateway") }, {});
  });

const proxy = (replicas: number, service: object, budget: object, container: object = {}) => ({
  apiVersion: "gateway.envoyproxy.io/v1alpha1",
  kind: "EnvoyProxy",
  metadata: { name: "eg", namespace: "envoy-gateway", labels },
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
          ...container,
        },
        ...budget,
      },
    },
  },
});

describe("Proxies", () => {
  it("are one EnvoyProxy, which a Gateway can name", async () => {
    const deployment = await run();
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Proxies", "proxies"],
      [types.envoyProxy, "proxies"],
    ]);
    assert.deepEqual(deployment.only(types.envoyProxy).parent, ["https-edge:index:Proxies", "proxies"]);
    assert.deepEqual(await settled(part.parametersRef), {
      group: "gateway.envoyproxy.io",
      kind: "EnvoyProxy",
      name: "eg",
    });
  });

  it("are two on different nodes, one of which stays through a drain", async () => {
    const { inputs } = (await run()).only(types.envoyProxy);
    assert.deepEqual(inputs, proxy(2, {}, { envoyPDB: { minAvailable: 1 } }));
  });

  it("have no budget when there is one, and annotate their Service", async () => {
    const annotations = { "cloud.example/kind": "network" };
    const { inputs } = (await run({ replicas: 1, annotations })).only(types.envoyProxy);
    assert.deepEqual(inputs, proxy(1, { envoyService: { annotations } }, {}));
  });

  it("listen on the IP family that is given", async () => {
    const { inputs } = (await run({ ipFamily: "DualStack" })).only(types.envoyProxy);
    const { spec, ...rest } = proxy(2, {}, { envoyPDB: { minAvailable: 1 } });
    assert.deepEqual(inputs, { ...rest, spec: { ipFamily: "DualStack", ...spec } });
  });

  it("run another image when one is given", async () => {
    const image = "mirror.example/envoy:distroless-v1.39.6";
    const { inputs } = (await run({ image })).only(types.envoyProxy);
    assert.deepEqual(inputs, proxy(2, {}, { envoyPDB: { minAvailable: 1 } }, { container: { image } }));
  });
});
