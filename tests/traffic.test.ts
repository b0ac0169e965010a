import assert from "node:assert/strict";
import { bytesOfWindow, checkWindow } from "../components/rules/traffic";

describe("Windows of HTTP/2", () => {
  for (const good of ["64Ki", "1Mi", "16Mi", "16384Ki"])
    it(`accept ${good}`, () => assert.equal(checkWindow(good), undefined));

  for (const bad of ["63Ki", "17Mi", "65536", "1M", "1.5Mi", "01Mi", "0Ki", ""])
    it(`reject "${bad}"`, () =>
      assert.equal(checkWindow(bad), `must be a size from 64Ki to 16Mi, got "${bad}" (a whole number of Ki or Mi)`));

  it("are counted in bytes", () => assert.deepEqual(["2Ki", "3Mi"].map(bytesOfWindow), [2_048, 3_145_728]));
});
