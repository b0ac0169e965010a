import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { limit } from "../components/standing/client";

describe("The time limit of a request", () => {
  it("ends it after that time", async () => {
    const signal = limit(40);
    assert.equal(signal.aborted, false);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    assert.equal((signal.reason as Error).name, "TimeoutError");
  });

  it("leaves out the time in which the program was busy and could hear no answer", async () => {
    const signal = limit(400);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    await setTimeout(1);
    assert.equal(signal.aborted, false);
  });
});
