import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { output, startOf, until } from "../../../lab";
import { OwnLab } from "../support/ownLab";

const lab = new OwnLab("lifecycle");

describe("A lab", () => {
  before(() => lab.run("down"));
  after(() => lab.run("down"));

  it("comes up from nothing, and says so to whoever asks again", async () => {
    const first = await lab.run("up");
    assert.equal(first.code, 0, first.output);
    const second = await lab.run("up");
    assert.equal(second.code, 0);
    assert.match(second.output, /lab "lifecycle" is up since/);
  });

  it("passes on what a command says and how it ends", async () => {
    const ended = await lab.run("run", "sh", "-c", "echo said; exit 7");
    assert.deepEqual([ended.stdout, ended.code], ["said\n", 7]);
  });

  it("ends a command whose caller is killed", async () => {
    const started = lab.start("run", "sleep", "4711");
    const sleeping = async () => (await lab.run("run", "pgrep", "-f", "sleep 4711")).code === 0;
    await until("the command", sleeping);
    assert.ok(started.pid);
    process.kill(started.pid, "SIGKILL");
    await started.ended;
    await until("the command's end", async () => !(await sleeping()));
  });

  it("has no link into the machine's own network", async () => {
    // The kernel numbers a namespace in another as soon as a link leads from one into the other.
    const linked = await output(["ip", "netns", "list-id"]);
    assert.ok(!linked.includes("lab-lifecycle"), linked);
    const routes = await output(["ip", "-n", "lab-lifecycle-outside", "route", "show", "default"]);
    assert.equal(routes, "");
  });

  it("shares no network with another lab's name", async () => {
    const other = await new OwnLab("another").run("run", "true");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /must be up, got none named "another"/);
  });

  it("is cleared and put up again after its processes were killed", async () => {
    const pid = lab.initOf("outside");
    process.kill(pid, "SIGKILL");
    await until("the end of its processes", async () => startOf(pid) === undefined);
    const again = await lab.run("up");
    assert.equal(again.code, 0, again.output);
    assert.match(again.output, /clearing what an earlier lab left/);
    assert.equal((await lab.run("run", "kubectl", "get", "nodes")).code, 0);
  });

  it("is cleared after an up that was interrupted", async () => {
    await lab.run("down");
    const started = lab.start("up");
    await until("the namespaces", async () => existsSync(join(lab.directory, "enter")));
    assert.ok(started.pid);
    process.kill(-started.pid, "SIGKILL");
    await started.ended;
    const again = await lab.run("up");
    assert.equal(again.code, 0, again.output);
  });

  it("leaves no trace when it goes down", async () => {
    const down = await lab.run("down");
    assert.equal(down.code, 0, down.output);
    assert.deepEqual(await lab.traces(), []);
  });

  it("refuses a name that cannot be a directory's and a namespace's, and an unknown command", async () => {
    const named = await new OwnLab("../edge").run("status");
    assert.notEqual(named.code, 0);
    assert.match(named.output, /LAB must be a short name/);
    assert.equal((await lab.run("dwon")).code, 2);
  });
});
