import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { coalesce } from "./coalesce";

describe("Coalesced work", () => {
  it("runs once for a burst, once more for what comes meanwhile, and never twice at a time", async () => {
    let runs = 0;
    let running = 0;
    const ask = coalesce(
      async () => {
        assert.equal(++running, 1);
        runs++;
        await setTimeout(10);
        running--;
      },
      1000,
      (error) => assert.ifError(error),
    );
    for (let burst = 0; burst < 5; burst++) ask();
    await setTimeout(5);
    for (let burst = 0; burst < 5; burst++) ask();
    await setTimeout(40);
    assert.equal(runs, 2);
  });

  it("is tried again after an error", async () => {
    const errors: unknown[] = [];
    let runs = 0;
    const work = async () => {
      if (++runs < 3) throw new Error(`run ${runs}`);
    };
    coalesce(work, 5, (error) => errors.push(error))();
    await setTimeout(60);
    assert.equal(runs, 3);
    assert.equal(errors.length, 2);
  });
});
