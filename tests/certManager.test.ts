import assert from "node:assert/strict";
import { CertManager } from "../components/certManager";
import { versionSets } from "../components/rules/versions";
import { type Deployment, deploy, settled, types } from "./support/deploy";
import { labels } from "./support/names";

describe("cert-manager", () => {
  let part: CertManager;
  let deployment: Deployment;
  before(async () => {
    deployment = await deploy(() => {
      part = new CertManager("cert-manager", { versions: versionSets.current }, {});
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
    assert.equal(await settled(part.namespace), "cert-manager");
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
      values: { crds: { enabled: true }, global: { leaderElection: { namespace: "cert-manager" } } },
    });
    assert.equal(options.deleteBeforeReplace, true);
  });

  it("follows the version set", async () => {
    const guide = await deploy(() => new CertManager("cert-manager", { versions: versionSets.guide }, {}));
    assert.equal(guide.only(types.release).inputs.version, "v1.20.3");
  });
});
