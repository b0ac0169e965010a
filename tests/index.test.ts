import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { setConfig, stackConfig } from "./support/config";
import { type Deployment, deploy, settled, types } from "./support/deploy";
import { crds } from "./support/edge";

type Outputs = { urls: string[]; addresses: pulumi.Output<string[]>; parentRef: pulumi.Output<object> };
const apiToken = { "cloudflare:apiToken": "from-the-stack" };
let outputs: Outputs;

/** Runs the program anew with a committed stack file. */
const run = (stack: string, more: Record<string, unknown> = {}): Promise<Deployment> => {
  const program = require.resolve("../index");
  delete require.cache[program];
  setConfig({ ...stackConfig(stack), "https-edge:crds": crds, ...apiToken, ...more }, Object.keys(apiToken));
  return deploy(() => {
    outputs = require(program);
  });
};

describe("The program", () => {
  afterEach(() => setConfig({}));

  for (const [stack, url, issuer] of [
    ["staging", "https://staging.example.com", "letsencrypt-staging"],
    ["prod", "https://example.com", "letsencrypt-prod"],
  ] as const) {
    it(`puts up ${stack} at ${url}, with a certificate of ${issuer}`, async () => {
      const deployment = await run(stack);
      const { spec } = deployment.only(types.certificate).inputs as { spec: { issuerRef: { name: string } } };
      assert.equal(spec.issuerRef.name, issuer);
      assert.deepEqual(outputs.urls, [url]);
      assert.deepEqual(await settled(outputs.addresses), ["203.0.113.7"]);
      assert.deepEqual(await settled(outputs.parentRef), {
        name: "eg",
        namespace: "envoy-gateway",
        sectionName: "https",
      });
    });
  }

  it("is three providers and one edge", async () => {
    const { resources } = await run("staging", { "kubernetes:context": "staging" });
    const top = resources.filter(({ parent }) => !parent).map(({ type, name }) => [type, name]);
    assert.deepEqual(top.sort(), [
      ["https-edge:index:HttpsEdge", "edge"],
      [types.cloudflare, "account"],
      [types.kubernetes, "cluster"],
      [types.kubernetes, "crds"],
    ]);
  });

  it("takes a renewed kubeconfig and a renamed stack for the same cluster, and changes Secrets in place", async () => {
    const deployment = await run("staging", { "kubernetes:context": "staging" });
    assert.deepEqual(deployment.only(types.kubernetes, "cluster").inputs, {
      context: "staging",
      clusterIdentifier: "https-edge",
      // Providers take their inputs as JSON text.
      enableSecretMutable: "true",
    });
  });

  it("takes over the CRDs that an earlier edge left, and nothing else", async () => {
    const deployment = await run("staging", { "kubernetes:context": "staging" });
    const { inputs } = deployment.only(types.kubernetes, "crds");
    assert.deepEqual(inputs, {
      context: "staging",
      clusterIdentifier: "https-edge",
      upsertExistingObjects: "true",
    });
    const taking = deployment.resources.filter(({ provider }) => provider === "crds").map(({ type }) => type);
    assert.deepEqual([...new Set(taking)].sort(), [types.policy, types.policyBinding, types.crd]);
  });

  it("hands Cloudflare's credential over as a secret", async () => {
    const { inputs, secrets } = (await run("staging")).only(types.cloudflare);
    assert.deepEqual([inputs, secrets], [{ apiToken: "from-the-stack" }, ["apiToken"]]);
  });

  it("leaves nothing of the cluster or the account to a default provider", async () => {
    const { resources, calls } = await run("staging");
    const providers = { kubernetes: ["cluster", "crds"], cloudflare: ["account"] };
    for (const [of, names] of Object.entries(providers)) {
      const left = [...resources.map(({ type, ...rest }) => ({ token: type, ...rest })), ...calls]
        .filter(({ token }) => token.startsWith(`${of}:`))
        .filter((each) => !names.includes(each.provider ?? ""));
      assert.deepEqual(left, []);
    }
  });
});
