import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { kubeconfig } from "./support/cluster";
import { setConfig, stackConfig } from "./support/config";
import { type Deployment, deploy, settled, types } from "./support/deploy";
import { crds } from "./support/edge";

type Outputs = { urls: string[]; addresses: pulumi.Output<string[]>; parentRef: pulumi.Output<object> };
const apiToken = { "cloudflare:apiToken": "from-the-stack".repeat(3) };
let outputs: Outputs;

/** Runs the program anew with a committed stack file. */
const run = async (stack: string, more: Record<string, unknown> = {}): Promise<Deployment> => {
  const program = require.resolve("../index");
  delete require.cache[program];
  const serving = { reachable: false }; // no test asks the addresses that the mocks tell
  const secrets = { ...apiToken, "kubernetes:kubeconfig": await kubeconfig() };
  setConfig(
    { ...stackConfig(stack), "https-edge:crds": crds, "https-edge:serving": serving, ...secrets, ...more },
    Object.keys(secrets),
  );
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

  it("is a provider for the account and one edge, which makes its own for the cluster", async () => {
    const { resources } = await run("staging");
    const top = resources.filter(({ parent }) => !parent).map(({ type, name }) => [type, name]);
    assert.deepEqual(top.sort(), [
      ["https-edge:index:HttpsEdge", "edge"],
      [types.cloudflare, "account"],
    ]);
  });

  it("takes the cluster from Kubernetes' settings, and marks the kubeconfig as a secret", async () => {
    const deployment = await run("staging", { "kubernetes:context": "test" });
    const { inputs, secrets } = deployment.only(types.kubernetes);
    assert.equal(inputs.context, "test");
    assert.ok(secrets.includes("kubeconfig"));
  });

  it("hands Cloudflare's credential over as a secret", async () => {
    const { inputs, secrets } = (await run("staging")).only(types.cloudflare);
    assert.deepEqual([inputs, secrets], [{ apiToken: "from-the-stack".repeat(3) }, ["apiToken"]]);
  });

  it("leaves nothing of the cluster or the account to a default provider", async () => {
    const { resources, calls } = await run("staging");
    const providers = { kubernetes: ["edge-cluster"], cloudflare: ["account"] };
    for (const [of, names] of Object.entries(providers)) {
      const left = [...resources.map(({ type, ...rest }) => ({ token: type, ...rest })), ...calls]
        .filter(({ token }) => token.startsWith(`${of}:`))
        .filter((each) => !names.includes(each.provider ?? ""));
      assert.deepEqual(left, []);
    }
  });
});
