import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { mintedTokens, state } from "../support/cloudflare";
import { apply, names, remove } from "../support/cluster";
import { Stack } from "../support/stack";

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

describe("https-edge doctor where no edge stands any more", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create("staging", "afterwards");
  });
  after(() => stack.destroy());

  /** What it finds, with its exit code. */
  const finds = async (...args: string[]): Promise<(number | string | undefined)[]> => {
    const { code, stdout } = await stack.operation("doctor", "--json", ...args);
    const { edges }: { edges: { findings: { symptom: string; found: string }[] }[] } = JSON.parse(stdout);
    return [code, ...edges.flatMap(({ findings }) => findings).map(({ symptom, found }) => `${symptom}: ${found}`)];
  };

  it("says before an up that nobody may give a load balancer, as nothing in the cluster tells who does", async () => {
    assert.deepEqual(await finds("--preflight"), [23, "load-balancer-unknown: no Service that has one"]);
  });

  it("names the CRDs that a Gateway made by hand has to do without", async () => {
    const ofEnvoyGateway = (await names("crd")).filter((name) => name.endsWith(".gateway.envoyproxy.io"));
    for (const name of ofEnvoyGateway) await remove("crd", name);
    const apiVersion = "gateway.networking.k8s.io/v1";
    await apply(
      {
        apiVersion,
        kind: "GatewayClass",
        metadata: { name: "by-hand" },
        spec: { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" },
      },
      {
        apiVersion,
        kind: "Gateway",
        metadata: { name: "by-hand", namespace: "default" },
        spec: { gatewayClassName: "by-hand", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
      },
    );
    try {
      const [code, ...found] = await finds("--gateway", "default/by-hand");
      assert.deepEqual([code, found[0]], [22, "crds-missing: no CRD of gateway.envoyproxy.io"]);
    } finally {
      await remove("gateway", "by-hand", "default");
      await remove("gatewayclass", "by-hand");
    }
  });
});
