import assert from "node:assert/strict";
import { EnvoyGateway, type EnvoyGatewayPartArgs } from "../components/envoyGateway";
import { Preflight } from "../components/resources/preflight";
import { namesOf } from "../components/rules/names";
import { versionSets } from "../components/rules/versions";
import { type Deployment, deploy, Earlier, settled, types } from "./support/deploy";
import { labels, names } from "./support/names";

const topologySpreadConstraints = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: "ScheduleAnyway",
  labelSelector: { matchLabels: { "control-plane": "envoy-gateway" } },
  matchLabelKeys: ["pod-template-hash"],
}));

describe("Envoy Gateway", () => {
  let part: EnvoyGateway;
  const made = (args: Partial<EnvoyGatewayPartArgs>) => () => {
    const given = {
      names,
      ...args,
      versions: versionSets.current,
      crds: new Earlier("crds"),
      preflight: new Preflight(),
    };
    part = new EnvoyGateway("envoy-gateway", given, {});
  };
  const program = made({});
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
      values: {
        crds: { enabled: false },
        topologyInjector: { enabled: false },
        deployment: { replicas: 2, pod: { topologySpreadConstraints } },
        podDisruptionBudget: { maxUnavailable: 1 },
      },
    });
    assert.equal(options.deleteBeforeReplace, true);
  });

  it("is one without a budget, and of a priority, when it is asked to be", async () => {
    const { values } = (await deploy(made({ replicas: 1, priorityClass: "system-cluster-critical" }))).only(
      types.release,
    ).inputs;
    assert.deepEqual(values, {
      crds: { enabled: false },
      topologyInjector: { enabled: false },
      deployment: { replicas: 1, pod: { topologySpreadConstraints }, priorityClassName: "system-cluster-critical" },
    });
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

  it("comes from a mirror with its image", async () => {
    const { inputs } = (await deploy(made({ mirror: "registry.company.example/mirror" }))).only(types.release);
    assert.equal(inputs.chart, "oci://registry.company.example/mirror/envoyproxy/gateway-helm");
    assert.deepEqual((inputs.values as { global: object }).global, {
      images: { envoyGateway: { image: "registry.company.example/mirror/envoyproxy/gateway:v1.9.1" } },
    });
  });

  it("is none of the edge's own where it stands already, whose class counts then", async () => {
    const names = namesOf({ envoyGateway: { gatewayClass: "envoy" } });
    const existing = await deploy(made({ existing: true, names }));
    assert.deepEqual(
      existing.list.filter(([type]) => type !== types.earlier),
      [["https-edge:index:EnvoyGateway", "envoy-gateway"]],
    );
    assert.equal(await settled(part.gatewayClassName), "envoy");
  });
});
