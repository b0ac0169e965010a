import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const lab = join(__dirname, "lab");

describe("The end-to-end tests", () => {
  it("are all run, each file once: those in the lab in the order of their configuration", () => {
    const { spec } = JSON.parse(readFileSync(join(lab, ".mocharc.json"), "utf8")) as { spec: string[] };
    const files = readdirSync(lab).filter((file) => file.endsWith(".test.ts"));
    assert.deepEqual([...spec].sort(), files.map((file) => `tests/lab/${file}`).sort());
  });
});
