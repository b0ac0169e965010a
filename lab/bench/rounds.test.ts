import assert from "node:assert/strict";
import { compare, median, percentile, type Server, takeRounds } from "./rounds";

describe("Rounds", () => {
  it("ask both servers in turns, and each begins every other time", async () => {
    const asked: Server[] = [];
    const taken = await takeRounds(3, async (server) => asked.push(server));
    assert.deepEqual(asked, ["edge", "byHand", "byHand", "edge", "edge", "byHand"]);
    assert.deepEqual(taken, { edge: [1, 4, 5], byHand: [2, 3, 6] });
  });

  it("compare the two of a round before they are counted together", () => {
    // The machine was slow in the second round, for both.
    assert.deepEqual(compare([100, 10, 97], [100, 20, 100]), {
      edge: 97,
      byHand: 100,
      ratio: 0.97,
      lowest: 0.5,
      highest: 1,
    });
  });

  for (const [values, middle] of [
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 2, 3], 2.5],
  ] as const)
    it(`have ${middle} as the median of ${values.join(", ")}`, () => assert.equal(median([...values]), middle));

  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  for (const [sorted, share, value] of [
    [hundred, 50, 50],
    [hundred, 99, 99],
    [[7], 99, 7],
    [[1, 2], 50, 1],
  ] as const)
    it(`have ${value} as what ${share} % of ${sorted.length} values do not exceed`, () =>
      assert.equal(percentile([...sorted], share), value));
});
