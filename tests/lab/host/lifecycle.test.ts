import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { type Ended, labs, output, run, start, startOf, until } from "../../../lab";

const clone = join(__dirname, "..", "..", "..");
const name = "lifecycle";
const directory = join(labs, name);
const command = join(clone, "lab", "lab");
const env = { LAB: name };
const lab = (...args: string[]): Promise<Ended> => run([command, ...args], { env });
const initPid = (): number => JSON.parse(readFileSync(join(directory, "lab.json"), "utf8")).init.pid;

/** Whatever of the lab can be seen from the machine. */
const traces = async (): Promise<string[]> => {
  const namespaces = (await output(["ip", "netns", "list"])).split("\n").filter((line) => line.includes(`lab-${name}`));
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(directory));
  const groups = readdirSync("/sys/fs/cgroup").map((group) => join("/sys/fs/cgroup", group, `lab-${name}`));
  const processes = readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(directory);
    } catch {
      return false;
    }
  });
  return [
    ...namespaces,
    ...mounts,
    ...[...groups, directory, `/etc/netns/lab-${name}`].filter(existsSync),
    ...processes,
  ];
};

describe("A lab", () => {
  before(() => lab("down"));
  after(() => lab("down"));

  it("comes up from nothing, and says so to whoever asks again", async () => {
    const first = await lab("up");
    assert.equal(first.code, 0, first.output);
    const second = await lab("up");
    assert.equal(second.code, 0);
    assert.match(second.output, /lab "lifecycle" is up since/);
  });

  it("passes on what a command says and how it ends", async () => {
    const ended = await lab("run", "sh", "-c", "echo said; exit 7");
    assert.deepEqual([ended.stdout, ended.code], ["said\n", 7]);
  });

  it("ends a command whose caller is killed", async () => {
    const started = start([command, "run", "sleep", "4711"], { env, detached: true });
    const sleeping = async () => (await lab("run", "pgrep", "-f", "sleep 4711")).code === 0;
    await until("the command", sleeping);
    assert.ok(started.pid);
    process.kill(started.pid, "SIGKILL");
    await started.ended;
    await until("the command's end", async () => !(await sleeping()));
  });

  it("has no link into the machine's own network", async () => {
    // The kernel numbers a namespace in another as soon as a link leads from one into the other.
    const linked = await output(["ip", "netns", "list-id"]);
    assert.ok(!linked.includes(`lab-${name}`), linked);
    const routes = await output(["ip", "-n", `lab-${name}-outside`, "route", "show", "default"]);
    assert.equal(routes, "");
  });

  it("shares no network with another lab's name", async () => {
    const other = await run([command, "run", "true"], { env: { LAB: "another" } });
    assert.equal(other.code, 1);
    assert.match(other.stderr, /must be up, got none named "another"/);
  });

  it("is cleared and put up again after its processes were killed", async () => {
    const pid = initPid();
    process.kill(pid, "SIGKILL");
    await until("the end of its processes", async () => startOf(pid) === undefined);
    const again = await lab("up");
    assert.equal(again.code, 0, again.output);
    assert.match(again.output, /clearing what an earlier lab left/);
    assert.equal((await lab("run", "kubectl", "get", "nodes")).code, 0);
  });

  it("is cleared after an up that was interrupted", async () => {
    await lab("down");
    const started = start([command, "up"], { env, detached: true });
    await until("the namespaces", async () => existsSync(join(directory, "enter")));
    assert.ok(started.pid);
    process.kill(-started.pid, "SIGKILL");
    await started.ended;
    const again = await lab("up");
    assert.equal(again.code, 0, again.output);
  });

  it("leaves no trace when it goes down", async () => {
    const down = await lab("down");
    assert.equal(down.code, 0, down.output);
    assert.deepEqual(await traces(), []);
  });

  it("refuses a name that would be another's namespace, and an unknown command", async () => {
    const named = await run([command, "status"], { env: { LAB: "edge-outside" } });
    assert.notEqual(named.code, 0);
    assert.match(named.output, /LAB must be a short name/);
    assert.equal((await lab("dwon")).code, 2);
  });
});
