import assert from "node:assert/strict";
import { join } from "node:path";
import { checkEdgeName } from "../components/rules/checks";
import { edgeOf, hostOf } from "../examples/review/host";
import { setConfig } from "./support/config";
import { type Deployment, deploy } from "./support/deploy";

/** Runs an example's program anew with a configuration. */
const run = (name: string, config: Record<string, string>, secrets: string[] = []): Promise<Deployment> => {
  const program = join(__dirname, "..", "examples", name, "index.ts");
  delete require.cache[program];
  const keys = Object.entries(config).map(([key, value]) => [`https-edge:${key}`, value]);
  setConfig(
    Object.fromEntries(keys),
    secrets.map((key) => `https-edge:${key}`),
  );
  return deploy(() => require(program));
};

describe("examples/deployments", () => {
  const service = (kind: string) => `pulumiservice:index:${kind}`;
  const config = { repository: "acme/edge", cloudflareApiToken: "t".repeat(40), kubeconfig: "apiVersion: v1" };
  const secrets = ["cloudflareApiToken", "kubeconfig"];
  afterEach(() => setConfig({}));

  it("runs staging and prod by what is merged, and a stack per pull request by a template", async () => {
    const { resources } = await run("deployments", config, secrets);
    const triggers = resources
      .filter(({ type }) => type === service("DeploymentSettings"))
      .map(({ inputs }) => {
        const { deployCommits, pullRequestTemplate } = inputs.vcs as Record<string, boolean>;
        return [inputs.project, inputs.stack, deployCommits, pullRequestTemplate ?? false];
      });
    assert.deepEqual(triggers, [
      ["https-edge", "staging", true, false],
      ["https-edge", "prod", true, false],
      ["review", "pr", false, true],
    ]);
  });

  it("gives each run the cluster and the account as secrets, and nothing else", async () => {
    const deployment = await run("deployments", config, secrets);
    const { inputs, secrets: secret } = deployment.only(service("DeploymentSettings"), "https-edge-prod");
    assert.ok(secret.includes("operationContext"));
    const { environmentVariables } = inputs.operationContext as { environmentVariables: object };
    assert.deepEqual(Object.keys(environmentVariables).sort(), [
      "CLOUDFLARE_API_TOKEN",
      "KUBECONFIG",
      "KUBECONFIG_TEXT",
    ]);
  });

  it("looks for drift after the settings are there, and tells it without putting it right", async () => {
    const { resources } = await run("deployments", config, secrets);
    const drift = resources.filter(({ type }) => type === service("DriftSchedule"));
    assert.deepEqual(
      drift.map(({ inputs, dependencies }) => [inputs.stack, inputs.autoRemediate, dependencies]),
      [
        ["staging", false, [[service("DeploymentSettings"), "https-edge-staging"]]],
        ["prod", false, [[service("DeploymentSettings"), "https-edge-prod"]]],
      ],
    );
  });

  it("ends a temporary stack at its date, and forgets it", async () => {
    const temporary = JSON.stringify({ demo: "2026-12-24T18:00:00Z" });
    const { inputs } = (await run("deployments", { ...config, temporary }, secrets)).only(service("TtlSchedule"));
    assert.deepEqual(inputs, {
      organization: "acme",
      project: "review",
      stack: "demo",
      timestamp: "2026-12-24T18:00:00Z",
      deleteAfterDestroy: true,
    });
  });
});

describe("examples/review", () => {
  for (const [stack, host] of [
    ["pr-edge-7", "pr-edge-7.review.example.com"],
    ["pr-My_Edge.io-7", "pr-my-edge-io-7.review.example.com"],
    [`pr-${"x".repeat(70)}-7`, `${"x".repeat(61)}-7.review.example.com`],
  ] as const)
    it(`is at ${host} for the stack ${stack}`, () => assert.equal(hostOf(stack, "review.example.com"), host));

  for (const [stack, name] of [
    ["pr-edge-7", "review-pr-edge-7"],
    ["7-My_Edge.io", "review-7-my-edge-io"],
    [`pr-${"x".repeat(70)}-7`, `review-${"x".repeat(18)}-7`],
  ] as const)
    it(`has an edge ${name} among others, a name that edges may have`, () => {
      assert.equal(edgeOf(stack), name);
      assert.equal(checkEdgeName(name), undefined);
    });
});
