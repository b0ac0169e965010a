import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertManager, type CertManagerPartArgs } from "../components/certManager";
import { Preflight } from "../components/resources/preflight";
import { namesOf } from "../components/rules/names";
import { versionSets } from "../components/rules/versions";
import { type Deployment, deploy, settled, types } from "./support/deploy";
import { labels, names } from "./support/names";

const webhook = {
  replicaCount: 2,
  topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: {
      matchLabels: { "app.kubernetes.io/component": "webhook", "app.kubernetes.io/instance": "cert-manager" },
    },
    matchLabelKeys: ["pod-template-hash"],
  })),
};

const given = (args: Partial<CertManagerPartArgs> = {}): CertManagerPartArgs => ({
  names,
  versions: versionSets.current,
  preflight: new Preflight(),
  standing: Promise.resolve(undefined),
  ...args,
});

describe("cert-manager", () => {
  let part: CertManager;
  let deployment: Deployment;
  before(async () => {
    deployment = await deploy(() => {
      part = new CertManager("cert-manager", given(), {});
    });
  });

  it("is a release in a namespace of its own", () => {
    assert.deepEqual(deployment.list, [
      ["https-edge:index:CertManager", "cert-manager"],
      [types.namespace, "cert-manager"],
      [types.release, "cert-manager"],
    ]);
    for (const type of [types.namespace, types.release])
      assert.deepEqual(deployment.only(type).parent, ["https-edge:index:CertManager", "cert-manager"]);
  });

  it("runs in a namespace under the restricted pod security standard", async () => {
    assert.deepEqual(deployment.only(types.namespace).inputs, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "cert-manager", labels: { ...labels, "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    assert.equal(await settled(pulumi.output(part.secretsNamespace)), "cert-manager");
  });

  it("lets renewals follow the CA's suggestion when told to", async () => {
    const program = () => new CertManager("cert-manager", given({ renewalInfo: true }), {});
    const { inputs } = (await deploy(program)).only(types.release);
    assert.equal((inputs.values as { featureGates: string }).featureGates, "ACMEUseARI=true");
  });

  it("comes from its own chart, with its CRDs and its leases in its namespace", () => {
    const { inputs, options } = deployment.only(types.release);
    assert.deepEqual(inputs, {
      chart: "oci://quay.io/jetstack/charts/cert-manager",
      version: "v1.21.2",
      name: "cert-manager",
      namespace: "cert-manager",
      timeout: 600,
      compat: "true",
      values: {
        crds: { enabled: true },
        global: { leaderElection: { namespace: "cert-manager" } },
        webhook: { ...webhook, podDisruptionBudget: { enabled: true, maxUnavailable: 1 } },
      },
    });
    assert.equal(options.deleteBeforeReplace, true);
  });

  it("has one webhook without a budget, and a priority, when it is asked to", async () => {
    const args = { replicas: 1, priorityClass: "system-cluster-critical" };
    const { values } = (await deploy(() => new CertManager("cert-manager", given(args), {}))).only(
      types.release,
    ).inputs;
    assert.deepEqual(values, {
      crds: { enabled: true },
      global: { leaderElection: { namespace: "cert-manager" }, priorityClassName: "system-cluster-critical" },
      webhook: { ...webhook, replicaCount: 1 },
    });
  });

  it("comes from a mirror with all its images", async () => {
    const args = given({ mirror: "registry.company.example/mirror" });
    const { inputs } = (await deploy(() => new CertManager("cert-manager", args, {}))).only(types.release);
    assert.equal(inputs.chart, "oci://registry.company.example/mirror/jetstack/charts/cert-manager");
    assert.equal((inputs.values as { imageRegistry: string }).imageRegistry, "registry.company.example/mirror");
  });

  it("follows the version set", async () => {
    const guide = await deploy(() => new CertManager("cert-manager", given({ versions: versionSets.guide }), {}));
    assert.equal(guide.only(types.release).inputs.version, "v1.20.3");
  });

  it("is none of the edge's own where it stands already, whose version and namespaces count then", async () => {
    const names = namesOf({ certManager: { namespace: "certificates", clusterResourceNamespace: "secrets" } });
    const args = given({ existing: true, names, standing: Promise.resolve("1.20.4") });
    const existing = await deploy(() => {
      part = new CertManager("cert-manager", args, {});
    });
    assert.deepEqual(existing.list, [["https-edge:index:CertManager", "cert-manager"]]);
    assert.equal(await settled(pulumi.output(part.secretsNamespace)), "secrets");
    assert.equal(await settled(part.version), "1.20.4");
    assert.deepEqual(part.release, []);
  });
});
