import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { mintedTokens, state } from "../support/cloudflare";
import { names } from "../support/cluster";

describe("pulumi destroy", () => {
  it("leaves no namespace of the edge, in no state", async () => {
    assert.deepEqual(await names("namespaces"), ["default", "kube-node-lease", "kube-public", "kube-system"]);
  });

  it("leaves no record and no token at Cloudflare", async () => {
    assert.deepEqual((await state()).records, []);
    assert.deepEqual(await mintedTokens(), []);
  });

  it("leaves no issuer, no GatewayClass and no webhook", async () => {
    for (const kind of [
      "clusterissuers",
      "gatewayclasses",
      "mutatingwebhookconfigurations",
      "validatingwebhookconfigurations",
    ]) {
      assert.deepEqual(await names(kind), [], kind);
    }
  });

  it("leaves no right that it gave", async () => {
    for (const kind of ["clusterroles", "clusterrolebindings", "roles", "rolebindings"]) {
      const left = (await names(kind)).filter((name) => /cert-manager|envoy|^eg/.test(name));
      assert.deepEqual(left, [], kind);
    }
  });

  it("keeps the CRDs, which others may use", async () => {
    const crds = await names("crd");
    assert.ok(crds.includes("gateways.gateway.networking.k8s.io"));
    assert.ok(crds.includes("envoyproxies.gateway.envoyproxy.io"));
  });
});
