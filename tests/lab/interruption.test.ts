import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask } from "../../lab/client/https";
import { until } from "../../lab/client/until";
import { names } from "./support/cluster";
import { domain } from "./support/edge";
import { Stack, shortWait } from "./support/stack";

describe("An up that is killed half-way", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create("staging", "interruption");
    await stack.set(...shortWait);
  });
  after(() => stack.destroy());

  for (const [moment, reached] of [
    ["while Helm installs", async () => (await names("deployments")).includes("cert-manager-webhook")],
    ["while the certificate is awaited", async () => (await names("challenges.acme.cert-manager.io")).length > 0],
  ] as const) {
    it(`loses nothing ${moment}: the next up goes on`, async () => {
      const { child, ended } = stack.start("up", "--yes", "--skip-preview");
      await until(moment, reached, { seconds: 180 });
      assert.ok(child.pid);
      process.kill(-child.pid, "SIGKILL");
      await ended;
      await stack.succeed("cancel", "--yes");
    });
  }

  it("ends with an edge that answers, and nothing left to do", async () => {
    await stack.up();
    assert.equal((await ask(`whoami.${domain}`)).status, 200);
    await stack.succeed("preview", "--expect-no-changes");
  });
});
