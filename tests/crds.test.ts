import assert from "node:assert/strict";
import { Crds, type CrdsArgs, withoutDescriptions } from "../components/crds";
import { Preflight } from "../components/resources/preflight";
import { envoyGatewayFile, gatewayApiFile, type VersionSet, versionSets } from "../components/rules/versions";
import { crdFiles, crdSpec } from "./support/crdFiles";
import { type Deployment, deploy, types } from "./support/deploy";
import { labels } from "./support/names";

const { current, guide } = versionSets;
const component = "https-edge:index:Crds";
const policy = "safe-upgrades.gateway.networking.k8s.io";
const run = (args: CrdsArgs, versions: VersionSet = current): Promise<Deployment> =>
  deploy(() => new Crds("crds", { ...args, versions, preflight: new Preflight() }, {}));

const names = (versions: VersionSet) =>
  [gatewayApiFile(versions), envoyGatewayFile(versions)]
    .flatMap(({ plurals, group }) => plurals.map((plural) => `${plural}.${group}`))
    .sort();

describe("CRDs", () => {
  it("are a resource each, with the policy that guards their upgrades", async () => {
    const deployment = await run(crdFiles(current));
    assert.deepEqual(deployment.list, [
      [component, "crds"],
      [types.policy, policy],
      [types.policyBinding, policy],
      ...names(current).map((name) => [types.crd, name]),
    ]);
    for (const { type, parent } of deployment.resources)
      if (type !== component) assert.deepEqual(parent, [component, "crds"]);
  });

  it("come without a policy where the Gateway API has none", async () => {
    const deployment = await run(crdFiles(guide), guide);
    assert.deepEqual(deployment.list, [[component, "crds"], ...names(guide).map((name) => [types.crd, name])]);
  });

  it("stay in the cluster when the edge goes", async () => {
    for (const { type, options } of (await run(crdFiles(current))).resources)
      assert.equal(options.retainOnDelete, type !== component);
  });

  it("are as published, without the prose, and waited for", async () => {
    const deployment = await run(crdFiles(current));
    const force = { "pulumi.com/patchForce": "true" };
    const ours = { ...force, "pulumi.com/waitFor": '["condition=Established"]' };
    const group = "gateway.networking.k8s.io";
    const bundle = { [`${group}/channel`]: "standard", [`${group}/bundle-version`]: "v1.6.3" };
    const base = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
    assert.deepEqual(deployment.only(types.crd, `gateways.${group}`).inputs, {
      ...base,
      metadata: { name: `gateways.${group}`, labels, annotations: { ...bundle, ...ours } },
      spec: crdSpec(group, "gateways"),
    });
    assert.deepEqual(deployment.only(types.crd, "envoyproxies.gateway.envoyproxy.io").inputs, {
      ...base,
      metadata: { name: "envoyproxies.gateway.envoyproxy.io", labels, annotations: ours },
      spec: crdSpec("gateway.envoyproxy.io", "envoyproxies"),
    });
    assert.deepEqual(deployment.only(types.policy).inputs.spec, { failurePolicy: "Fail" });
    assert.deepEqual(deployment.only(types.policyBinding).inputs, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: policy, labels, annotations: { ...bundle, ...force } },
      spec: { policyName: policy, validationActions: ["Deny"] },
    });
  });

  it("keep a property that is called description", () => {
    const schema = { description: "Prose.", properties: { description: { type: "string", description: "Prose." } } };
    assert.deepEqual(withoutDescriptions([schema, null, 1]), [
      { properties: { description: { type: "string" } } },
      null,
      1,
    ]);
  });
});
