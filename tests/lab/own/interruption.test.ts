import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { tree, until } from "../../../lab";
import { names } from "../support/cluster";
import { serving } from "../support/edge";
import { Stack } from "../support/stack";

const helmInstalls = async () => (await names("deployments")).includes("cert-manager-webhook");

/** The Gateway comes after Helm's releases are done and known to the stack. */
const certificateIsAwaited = async () =>
  (await names("challenges.acme.cert-manager.io")).length > 0 &&
  (await names("gateways.gateway.networking.k8s.io")).length > 0;

/** As a terminal does: to the process group, in which Pulumi's plugins are not. */
const ctrlC = (pid: number) => process.kill(-pid, "SIGINT");

/** As the end of a container does: to every process, plugins included. */
const kill = (pid: number) => {
  for (const each of tree(pid)) {
    try {
      process.kill(each.pid, "SIGKILL");
    } catch {
      // it has ended with its parent
    }
  }
};

describe("An up that is interrupted", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("staging", "interruption");
    // Long enough to find the certificate awaited, short enough to wait for it.
    await stack.set("https-edge:acme.waitInsteadOfSelfCheck", "15s");
  });
  afterEach(() => stack.destroy());

  /** Starts an up, and ends it in its own way once the moment has come. */
  const interrupt = async (end: (pid: number) => void, moment: () => Promise<boolean>): Promise<void> => {
    const { pid, ended } = stack.start("up", "--yes", "--skip-preview");
    await until("the moment", moment, { seconds: 180, every: 100 });
    assert.ok(pid);
    end(pid);
    await ended;
  };

  it("by Ctrl-C while Helm installs, goes on with the next up", async () => {
    await interrupt(ctrlC, helmInstalls);
    await stack.up();
    await serving();
  });

  it("by a kill while the certificate is awaited, goes on with the next up", async () => {
    await interrupt(kill, certificateIsAwaited);
    await stack.succeed("cancel", "--yes");
    await stack.up();
    await serving();
  });

  it("by a kill while Helm installs, goes on with the next up, which says what it forgets, and then there is nothing left to do", async () => {
    await interrupt(kill, helmInstalls);
    await stack.succeed("cancel", "--yes");
    assert.match(
      await stack.up(),
      /Helm release (cert-manager|eg) was left pending-install by an interrupted run; its Secret \S+ is deleted/,
    );
    await serving();
    await stack.succeed("preview", "--expect-no-changes");
  });
});
