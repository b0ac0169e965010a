import assert from "node:assert/strict";
import { checkDuration, checkDurationBetween, milliseconds } from "../components/rules/durations";

describe("Durations", () => {
  for (const good of ["30s", "1m30s", "0s", "500ms", "1h"])
    it(`accept ${good}`, () => assert.equal(checkDuration(good), undefined));

  for (const bad of ["soon", "30", "-1s", "1.5s", "1d", "", "1 h"])
    it(`reject "${bad}"`, () =>
      assert.equal(
        checkDuration(bad),
        `must be a duration such as 30s or 1m30s, got "${bad}" (whole numbers of h, m, s and ms; 0s for no limit)`,
      ));

  it("lie between two others where they must", () => {
    const check = checkDurationBetween("1s", "10m");
    for (const good of ["1s", "90s", "9m60s", "10m"]) assert.equal(check(good), undefined);
    for (const bad of ["0s", "999ms", "10m1s", "1", "5 minutes"])
      assert.equal(
        check(bad),
        `must be a duration from 1s to 10m, got "${bad}" (whole numbers of h, m, s and ms, such as 90s or 1m30s)`,
      );
  });

  it("are counted in milliseconds", () => {
    for (const [value, count] of [
      ["1h1m1s1ms", 3_661_001],
      ["0s", 0],
      ["90s", 90_000],
    ] as const)
      assert.equal(milliseconds(value), count);
  });
});
