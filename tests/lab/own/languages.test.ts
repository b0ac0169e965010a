import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { mintedTokens } from "../support/cloudflare";
import { Example } from "../support/example";

describe("The plugin, in a program in YAML", () => {
  let example: Example;
  before(async () => {
    example = await Example.install("yaml", "dev");
    await example.init();
  });
  after(() => example.remove());

  it("is the edge with its parts, and a route on it", async () => {
    await example.createsEdgeAndRoute();
  });

  it("says what is wrong with a setting in the same line as everywhere, before anything is made", async () => {
    example.edit("Pulumi.yaml", (text) => text.replace("- name: staging.example.com", '- name: "*.example.com"'));
    const { code, output } = await example.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0);
    assert.match(output, /domains\[0\]\.name must be a bare name such as example\.com, got "\*\.example\.com"/);
    assert.doesNotMatch(output, /unhandled|^ *at /m);
    assert.deepEqual(await mintedTokens(), []);
  });
});
