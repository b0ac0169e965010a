/**
 * How Pulumi Deployments runs an edge's stacks: prod and staging by what is merged, a stack per pull request by a template, drift looked
 * for, and stacks that end by themselves. https://www.pulumi.com/docs/deployments/
 */
import * as pulumi from "@pulumi/pulumi";
import { DeploymentSettings, DriftSchedule, TtlSchedule } from "@pulumi/pulumiservice";
import * as kubeconfig from "./kubeconfig";

const config = new pulumi.Config();
const organization = pulumi.getOrganization();
const repository = config.require("repository");
/** All that a run knows of the world. */
const operationContext = {
  environmentVariables: {
    CLOUDFLARE_API_TOKEN: config.requireSecret("cloudflareApiToken"),
    KUBECONFIG: kubeconfig.path,
    KUBECONFIG_TEXT: config.requireSecret("kubeconfig"),
  },
  preRunCommands: [kubeconfig.command],
};

/** Where a stack's program is, and what starts a run of it. */
const settings = (stack: string, project: string, repoDir: string, triggers: object) =>
  new DeploymentSettings(`${project}-${stack}`, {
    organization,
    project,
    stack,
    sourceContext: { git: { branch: "refs/heads/main", repoDir } },
    vcs: { provider: "github", repository, ...triggers },
    operationContext,
    cacheOptions: { enable: true },
  });

const merged = { deployCommits: true, previewPullRequests: true };
const staging = settings("staging", "https-edge", ".", merged);
const prod = settings("prod", "https-edge", ".", merged);
/** Copied for each pull request, with the stack's name as its host: examples/review. */
settings("pr", "review", "examples/review", { pullRequestTemplate: true, deployCommits: false });

/** What others have changed is told, and not put right behind their backs. */
for (const [stack, scheduleCron] of [
  ["staging", "0 5 * * *"],
  ["prod", "0 */4 * * *"],
] as const)
  new DriftSchedule(
    `https-edge-${stack}`,
    { organization, project: "https-edge", stack, scheduleCron, autoRemediate: false },
    { dependsOn: stack === "prod" ? prod : staging },
  );

/** Stacks of one's own, such as for a demonstration, each until a date: `pulumi config set --path 'temporary.demo' 2026-12-24T18:00:00Z`. */
for (const [stack, timestamp] of Object.entries(config.getObject<Record<string, string>>("temporary") ?? {})) {
  const dependsOn = settings(stack, "review", "examples/review", { deployCommits: false });
  new TtlSchedule(
    stack,
    { organization, project: "review", stack, timestamp, deleteAfterDestroy: true },
    { dependsOn },
  );
}
