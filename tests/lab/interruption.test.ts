import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask } from "../../lab/client/https";
import { until } from "../../lab/client/until";
import { names } from "./support/cluster";
import { succeed } from "./support/command";
import { domain } from "./support/edge";
import { Stack, shortWait } from "./support/stack";

const helmInstalls = async () => (await names("deployments")).includes("cert-manager-webhook");
const certificateIsAwaited = async () => (await names("challenges.acme.cert-manager.io")).length > 0;

describe("An up that is interrupted", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create("staging", "interruption");
    await stack.set(...shortWait);
  });
  after(() => stack.destroy());

  /** Starts an up and ends it with all its processes once the moment has come. */
  const interrupt = async (signal: NodeJS.Signals, moment: () => Promise<boolean>): Promise<void> => {
    const { child, ended } = stack.start("up", "--yes", "--skip-preview");
    await until("the moment", moment, { seconds: 180, every: 100 });
    assert.ok(child.pid);
    process.kill(-child.pid, signal);
    await ended;
  };

  it("by Ctrl-C while Helm installs, goes on with the next up", async () => {
    await interrupt("SIGINT", helmInstalls);
    await interrupt("SIGKILL", certificateIsAwaited);
  });

  it("by a kill while the certificate is awaited, goes on with the next up", async () => {
    await stack.succeed("cancel", "--yes");
    await stack.up();
    assert.equal((await ask(`whoami.${domain}`)).status, 200);
    await stack.succeed("preview", "--expect-no-changes");
    await stack.destroy();
    stack = await Stack.create("staging", "interruption");
    await stack.set(...shortWait);
  });

  it("by a kill while Helm installs, goes on once Helm's record is gone", async () => {
    await interrupt("SIGKILL", helmInstalls);
    await stack.succeed("cancel", "--yes");
    // As the README says.
    await succeed("kubectl", ["delete", "secret", "-n", "cert-manager", "-l", "owner=helm,name=cert-manager"]);
    await stack.up();
    assert.equal((await ask(`whoami.${domain}`)).status, 200);
    await stack.succeed("preview", "--expect-no-changes");
  });
});
