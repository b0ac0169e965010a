import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ProxiesArgs } from "../components";
import { Proxies } from "../components/proxies";
import { overloadPatches } from "../components/rules/overload";
import { proxyImage, versionSets } from "../components/rules/versions";
import { type Deployment, deploy, settled, types } from "./support/deploy";
import { labels, names } from "./support/names";

let part: Proxies;
const run = (
  args: ProxiesArgs & { sourceRanges?: string[]; mirror?: string } = {},
  versions = versionSets.current,
): Promise<Deployment> =>
  deploy(() => {
    part = new Proxies(
      "proxies",
      { names, sourceRanges: [], ...args, versions, namespace: pulumi.output("envoy-gateway") },
      {},
    );
  });
const specOf = async (...args: Parameters<typeof run>): Promise<unknown> =>
  (await run(...args)).only(types.envoyProxy).inputs.spec;

const patched = (spec: object) => ({ type: "StrategicMerge", value: { spec } });
const askedOften = ["envoy", "shutdown-manager"].map((name) => ({
  name,
  startupProbe: { periodSeconds: 1, failureThreshold: 300 },
}));
const evictable = patched({ unhealthyPodEvictionPolicy: "AlwaysAllow" });

/** The whole spec by default. Each argument takes the place of a part of it. */
const spec = ({
  deployment = {},
  container = {},
  pod = {},
  others = {},
  shutdown = { drainTimeout: "60s", minDrainDuration: "30s", healthCheckFailureDelay: "30s" },
  budget = { envoyPDB: { maxUnavailable: 1, patch: evictable } },
  ...top
}: Record<string, object | string> = {}) => ({
  ...top,
  bootstrap: {
    type: "JSONPatch",
    jsonPatches: [
      ...overloadPatches,
      {
        op: "replace",
        jsonPath: "$.static_resources.clusters[?(@.name=='xds_cluster')]",
        path: "/connect_timeout",
        value: "3s",
      },
    ],
  },
  shutdown,
  provider: {
    type: "Kubernetes",
    kubernetes: {
      ...(others as object),
      envoyDeployment: {
        ...("replicas" in (deployment as object) ? {} : { replicas: 2 }),
        ...(deployment as object),
        pod: {
          topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
            maxSkew: 1,
            topologyKey,
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: {
              matchLabels: {
                "gateway.envoyproxy.io/owning-gateway-name": "eg",
                "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway",
              },
            },
            matchLabelKeys: ["pod-template-hash"],
          })),
        },
        container: {
          resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } },
          ...(container as object),
        },
        patch: patched({ template: { spec: { ...(pod as object), containers: askedOften } } }),
      },
      ...(budget as object),
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

  it("are two in different zones and on different nodes, one of which stays through a drain", async () => {
    assert.deepEqual((await run()).only(types.envoyProxy).inputs, {
      apiVersion: "gateway.envoyproxy.io/v1alpha1",
      kind: "EnvoyProxy",
      metadata: { name: "eg", namespace: "envoy-gateway", labels },
      spec: spec(),
    });
  });

  it("have no field that Envoy Gateway 1.3 does not know", async () => {
    assert.deepEqual(
      await specOf({}, versionSets.guide),
      spec({
        shutdown: { drainTimeout: "60s", minDrainDuration: "30s" },
        budget: { envoyPDB: { minAvailable: 1, patch: evictable } },
      }),
    );
  });

  it("have no budget when there is one, and annotate their Service", async () => {
    const annotations = { "cloud.example/kind": "network" };
    assert.deepEqual(
      await specOf({ replicas: 1, annotations }),
      spec({ deployment: { replicas: 1 }, budget: {}, others: { envoyService: { annotations } } }),
    );
  });

  const hpa = (minReplicas: number, maxReplicas: number, averageValue: string) => ({
    envoyHpa: {
      minReplicas,
      maxReplicas,
      metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue } } }],
    },
  });
  const withoutReplicas = async (args: ProxiesArgs, others: object, rest: Record<string, object> = {}) => {
    const wanted = spec({ others, ...rest });
    const { replicas: _, ...deployment } = wanted.provider.kubernetes.envoyDeployment;
    Object.assign(wanted.provider.kubernetes, { envoyDeployment: deployment });
    assert.deepEqual(await specOf(args), wanted);
  };

  it("follow their load when asked to, and have no number of their own then, which would undo the autoscaler's", async () => {
    const budgetless = { budget: {} };
    await withoutReplicas({ autoscaling: {} }, hpa(2, 10, "500m"));
    await withoutReplicas({ replicas: 1, autoscaling: { max: 30, cpu: "1" } }, hpa(1, 30, "1"), budgetless);
  });

  it("have as much of a node as is given, and the defaults of the rest", async () => {
    const resources = { requests: { cpu: "1", memory: "256Mi" }, limits: { memory: "2Gi" } };
    assert.deepEqual(await specOf({ resources: { cpu: "1", memoryLimit: "2Gi" } }), spec({ container: { resources } }));
  });

  it("end as slowly as the load balancer and the streams need", async () => {
    assert.deepEqual(
      await specOf({ drain: { healthChecks: "90s", connections: "10m" } }),
      spec({ shutdown: { drainTimeout: "10m", minDrainDuration: "90s", healthCheckFailureDelay: "90s" } }),
    );
  });

  it("have the priority that is given", async () => {
    assert.deepEqual(
      await specOf({ priorityClass: "system-cluster-critical" }),
      spec({ pod: { priorityClassName: "system-cluster-critical" } }),
    );
  });

  it("have their Service let in the given ranges alone", async () => {
    const others = { envoyService: { loadBalancerSourceRanges: ["198.51.100.0/24"] } };
    assert.deepEqual(await specOf({ sourceRanges: ["198.51.100.0/24"] }), spec({ others }));
  });

  it("listen on the IP family that is given", async () => {
    assert.deepEqual(await specOf({ ipFamily: "DualStack" }), spec({ ipFamily: "DualStack" }));
  });

  it("run another image when one is given, from wherever it is said to be", async () => {
    const image = "mirror.example/envoy:distroless-v1.39.6";
    assert.deepEqual(await specOf({ image }), spec({ container: { image } }));
    assert.deepEqual(await specOf({ image, mirror: "registry.company.example" }), spec({ container: { image } }));
  });

  it("run the mirror's copy of their own image, with its digest", async () => {
    const image = proxyImage(versionSets.current)?.replace("docker.io/", "registry.company.example/mirror/");
    assert.match(image ?? "", /@sha256:[0-9a-f]{64}$/);
    assert.deepEqual(await specOf({ mirror: "registry.company.example/mirror" }), spec({ container: { image } }));
  });
});
