import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { setConfig, stackConfig } from "./support/config";
import { type Deployment, deploy, settled, types } from "./support/deploy";
import { crds } from "./support/edge";

type Outputs = { urls: string[]; address: pulumi.Output<string>; parentRef: pulumi.Output<object> };
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
      assert.equal(await settled(outputs.address), "203.0.113.7");
      assert.deepEqual(await settled(outputs.parentRef), {
        name: "eg",
        namespace: "envoy-gateway",
        sectionName: "https",
      });
    });
  }

  it("is two providers and one edge", async () => {
    const { resources } = await run("staging", { "kubernetes:context": "staging" });
    const top = resources.filter(({ parent }) => !parent).map(({ type, name }) => [type, name]);
    assert.deepEqual(top.sort(), [
      ["https-edge:index:HttpsEdge", "edge"],
      [types.cloudflare, "account"],
      [types.kubernetes, "cluster"],
    ]);
  });

  it("takes a renewed kubeconfig for the same cluster, changes Secrets in place, and adopts CRDs that were kept", async () => {
    const deployment = await run("staging", { "kubernetes:context": "staging" });
    assert.deepEqual(deployment.only(types.kubernetes).inputs, {
      context: "staging",
      clusterIdentifier: "test",
      // Providers take their inputs as JSON text.
      enableSecretMutable: "true",
      upsertExistingObjects: "true",
    });
  });

  it("hands Cloudflare's credential over as a secret", async () => {
    const { inputs, secrets } = (await run("staging")).only(types.cloudflare);
    assert.deepEqual([inputs, secrets], [{ apiToken: "from-the-stack" }, ["apiToken"]]);
  });

  it("leaves nothing of the cluster or the account to a default provider", async () => {
    const { resources, calls } = await run("staging");
    const provider = { kubernetes: "cluster", cloudflare: "account" };
    for (const [of, name] of Object.entries(provider)) {
      const left = [...resources.map(({ type, ...rest }) => ({ token: type, ...rest })), ...calls]
        .filter(({ token }) => token.startsWith(`${of}:`))
        .filter((each) => each.provider !== name);
      assert.deepEqual(left, []);
    }
  });
});
