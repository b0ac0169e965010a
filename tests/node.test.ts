import assert from "node:assert/strict";
import { checkNode, oldestNode } from "../components/rules/node";
import { engines } from "../package.json";

describe("The Node that runs the program", () => {
  for (const version of ["v22.19.0", "v22.23.3", "v24.0.0"])
    it(`may be ${version}`, () => assert.equal(checkNode(version), undefined));

  for (const version of ["v20.20.2", "v22.18.0"])
    it(`must not be ${version}`, () =>
      assert.equal(
        checkNode(version),
        `Node must be 22.19 or later, got ${version} (install one, first on PATH: https://nodejs.org/en/download)`,
      ));

  it("is as old at most as package.json says", () => assert.equal(engines.node, `>=${oldestNode}`));
});
