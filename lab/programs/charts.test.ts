import assert from "node:assert/strict";
import { substituted, versioned } from "./charts";

describe("versioned", () => {
  it("replaces the chart's two versions, and no version of a dependency", () => {
    const chart =
      'name: c\nversion: v0.0.0\nappVersion: "latest"\ndependencies:\n  - name: crds\n    version: "0.0.0"\n';
    const expected =
      'name: c\nversion: v1.9.1\nappVersion: v1.9.1\ndependencies:\n  - name: crds\n    version: "0.0.0"\n';
    assert.equal(versioned(chart, "v1.9.1"), expected);
  });
});

describe("substituted", () => {
  it("puts a value wherever its placeholder stands", () =>
    assert.equal(substituted("a {{V}} b {{V}}", { "{{V}}": "$&1" }), "a $&1 b $&1"));
  it("rejects a template without the placeholder", () =>
    assert.throws(() => substituted("image: fixed", { "{{V}}": "1" }), /must have {{V}}/));
});
