import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { before, describe, it } from "mocha";
import { log, output, tokens } from "../../../lab";
import { list, tokenInSecret } from "../support/cluster";
import { stagingEdge } from "../support/edge";
import type { Stack } from "../support/stack";

describe("The tokens' values", () => {
  let stack: Stack;
  let values: string[];
  before(async () => {
    stack = await stagingEdge();
    values = [await tokenInSecret(), tokens.deploy];
    for (const value of values) assert.ok(value.length >= 40);
  });

  /** The values as they are, and as they may hide in data. */
  const forms = () => values.flatMap((value) => [value, Buffer.from(value).toString("base64")]);
  const absent = (text: string, where: string) => {
    for (const form of forms()) assert.ok(!text.includes(form), `a token stands in ${where}`);
  };

  it("are encrypted in the state", async () => {
    absent(await stack.succeed("stack", "export"), "the state");
  });

  it("are in no preview, not even in a detailed one or as JSON", async () => {
    absent(await stack.succeed("preview", "--diff"), "the preview");
    absent(await stack.succeed("preview", "--json"), "the preview's JSON");
  });

  it("are in no output of the stack", async () => {
    absent(await stack.succeed("stack", "output", "--show-secrets", "--json"), "the outputs");
  });

  it("are in no event and in no object but the one Secret", async () => {
    absent(JSON.stringify(await list("events")), "an event");
    for (const kind of ["configmaps", "deployments", "clusterissuers", "certificates"])
      absent(JSON.stringify(await list(kind)), kind);
    for (const secret of await list("secrets")) {
      if (secret.metadata.name !== "cloudflare-api-token")
        absent(JSON.stringify(secret), `Secret ${secret.metadata.name}`);
    }
  });

  it("are in no Helm release", async () => {
    const releases = (await list("secrets")).filter(({ metadata }) => metadata.name.startsWith("sh.helm.release."));
    // Each with a revision for every change of its values.
    const names = releases.map(({ metadata }) => metadata.name.replace(/\.v\d+$/, ""));
    assert.deepEqual([...new Set(names)].sort(), ["sh.helm.release.v1.cert-manager", "sh.helm.release.v1.eg"]);
    for (const { metadata, data } of releases) {
      const release = Buffer.from(Buffer.from(data?.release ?? "", "base64").toString(), "base64");
      absent(gunzipSync(release).toString(), `release ${metadata.name}`);
    }
  });

  it("are in no log of the controllers or of the lab", async () => {
    for (const [namespace, deployment] of [
      ["cert-manager", "cert-manager"],
      ["envoy-gateway-system", "envoy-gateway"],
    ] as const) {
      absent(
        await output(["kubectl", "logs", "-n", namespace, `deployment/${deployment}`]),
        `the log of ${deployment}`,
      );
    }
    for (const file of readdirSync(log)) absent(readFileSync(join(log, file), "utf8"), file);
  });
});
