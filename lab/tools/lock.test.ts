import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { alone } from "./lock";
import { startReady } from "./process";

describe("A lock", () => {
  let directory: string;
  let file: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "lock-"));
    file = join(directory, "locks", "lock");
  });
  after(() => rmSync(directory, { recursive: true }));
  const silent = () => {};

  it("lets one work after another", async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await sleep(50);
      order.push(`${name} ends`);
    };
    await Promise.all([alone(file, silent, work("one")), alone(file, silent, work("other"))]);
    const [first] = order[0]?.split(" ") ?? [];
    const second = first === "one" ? "other" : "one";
    assert.deepEqual(order, [`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
  });

  it("is free again when the work fails", async () => {
    await assert.rejects(
      alone(file, silent, () => Promise.reject(new Error("work"))),
      /^Error: work$/,
    );
    assert.equal(await alone(file, silent, async () => "done"), "done");
  });

  it("is free again when its process is killed, and whoever waits is told before", async () => {
    const script = `require(${JSON.stringify(join(__dirname, "lock"))})
      .alone(${JSON.stringify(file)}, () => {}, () => new Promise(() => console.log("at work")))`;
    const other = await startReady([process.execPath, "--import", require.resolve("tsx"), "--eval", script]);
    assert.equal(other.firstLine, "at work");
    let told = 0;
    const kill = () => {
      told++;
      process.kill(other.pid ?? assert.fail("it runs"), "SIGKILL");
    };
    assert.equal(await alone(file, kill, async () => "done"), "done");
    assert.equal(told, 1);
  });
});
