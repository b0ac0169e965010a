import assert from "node:assert/strict";
import { EnvoyGateway } from "../components/envoyGateway";
import { versionSets } from "../components/rules/versions";
import { type Deployment, deploy, Earlier, settled, types } from "./support/deploy";
import { labels } from "./support/names";

describe("Envoy Gateway", () => {
  let part: EnvoyGateway;
  const program = () => {
    const crds = new Earlier("crds");
    part = new EnvoyGateway("envoy-gateway", { versions: versionSets.current, crds }, {});
  };
  let deployment: Deployment;
  before(async () => {
    deployment = await deploy(program);
  });

  it("is a release in a namespace of its own, and a class", () => {
    assert.deepEqual(deployment.list, [
      ["https-edge:index:EnvoyGateway", "envoy-gateway"],
      [types.namespace, "envoy-gateway"],
      [types.gatewayClass, "envoy-gateway"],
      [types.release, "envoy-gateway"],
      [types.earlier, "crds"],
    ]);
    for (const type of [types.namespace, types.release, types.gatewayClass])
      assert.deepEqual(deployment.only(type).parent, ["https-edge:index:EnvoyGateway", "envoy-gateway"]);
  });

  it("runs in a namespace under the restricted pod security standard", () => {
    assert.deepEqual(deployment.only(types.namespace).inputs, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "envoy-gateway-system",
        labels: { ...labels, "pod-security.kubernetes.io/enforce": "restricted" },
      },
    });
  });

  it("comes from its own chart without the chart's CRDs", () => {
    const { inputs, options } = deployment.only(types.release);
    assert.deepEqual(inputs, {
      chart: "oci://docker.io/envoyproxy/gateway-helm",
      version: "v1.9.1",
      name: "eg",
      namespace: "envoy-gateway-system",
      skipCrds: true,
      timeout: 600,
      compat: "true",
      values: { crds: { enabled: false }, topologyInjector: { enabled: false } },
    });
    assert.equal(options.deleteBeforeReplace, true);
  });

  it("answers for the class eg", async () => {
    assert.deepEqual(deployment.only(types.gatewayClass).inputs, {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: {
        name: "eg",
        labels,
        annotations: { "pulumi.com/waitFor": '["condition=Accepted"]', "pulumi.com/patchForce": "true" },
      },
      spec: { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" },
    });
    assert.equal(await settled(part.gatewayClassName), "eg");
  });

  it("waits for the CRDs, and its namespace does not", async () => {
    const { beforeRelease } = await deploy(program, { hold: ({ name }) => name === "crds" });
    assert.deepEqual(beforeRelease, [
      ["https-edge:index:EnvoyGateway", "envoy-gateway"],
      [types.namespace, "envoy-gateway"],
      [types.earlier, "crds"],
    ]);
  });

  it("has its class wait for the release", async () => {
    const { beforeRelease } = await deploy(program, { hold: ({ type }) => type === types.release });
    assert.deepEqual(
      beforeRelease.filter(([type]) => type === types.gatewayClass),
      [],
    );
  });
});
