import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { stagingEdge } from "../support/edge";
import type { Stack } from "../support/stack";

describe("With nothing changed", () => {
  let stack: Stack;
  before(async () => {
    stack = await stagingEdge();
  });

  for (const [command, ...flags] of [
    ["preview"],
    ["refresh", "--yes"],
    ["preview", "--refresh"],
    ["up", "--yes", "--skip-preview"],
  ] as const) {
    it(`pulumi ${[command, ...flags].join(" ")} finds nothing to do`, async () => {
      const { code, output } = await stack.run(command, ...flags, "--expect-no-changes");
      assert.equal(code, 0, output);
    });
  }

  it("a renamed stack finds nothing to do either", async () => {
    await stack.succeed("stack", "rename", "renamed");
    const renamed = stack.renamed("renamed");
    try {
      const { code, output } = await renamed.run("preview", "--expect-no-changes");
      assert.equal(code, 0, output);
    } finally {
      await renamed.succeed("stack", "rename", stack.name);
    }
  });
});
