import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { until } from "../../tools/until";
import { coalesce } from "./coalesce";

/** Milliseconds between two looks. */
const soon = { every: 5 };

describe("Coalesced work", () => {
  it("runs once for a burst, once more for what comes meanwhile, and never twice at a time", async () => {
    const runs: (() => void)[] = [];
    let running = 0;
    const ask = coalesce(
      async () => {
        assert.equal(++running, 1);
        await new Promise<void>((end) => runs.push(end));
        running--;
      },
      1000,
      (error) => assert.ifError(error),
    );
    for (let burst = 0; burst < 5; burst++) ask();
    await until("the first run", async () => runs.length === 1, soon);
    for (let burst = 0; burst < 5; burst++) ask();
    runs[0]?.();
    await until("the second run", async () => runs.length === 2, soon);
    runs[1]?.();
    await until("its end", async () => running === 0, soon);
    // Turns of the event loop in which a third would have begun.
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    assert.equal(runs.length, 2);
  });

  it("is tried again after an error, and not after its success", async () => {
    const errors: unknown[] = [];
    let runs = 0;
    const work = async () => {
      if (++runs < 3) throw new Error(`run ${runs}`);
    };
    coalesce(work, 5, (error) => errors.push(error))();
    await until("the third run", async () => runs === 3, soon);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    assert.equal(runs, 3);
    assert.equal(errors.length, 2);
  });
});
