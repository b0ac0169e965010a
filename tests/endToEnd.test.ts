import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..");

describe("The end-to-end tests", () => {
  it("lie in folders that make test runs, each of which says its state", () => {
    const makefile = readFileSync(join(root, "Makefile"), "utf8");
    const run = [...makefile.matchAll(/^\t@LAB=\S+ tests\/lab\/run ([a-z ]+) /gm)].flatMap(([, states = ""]) =>
      states.split(" "),
    );
    const files = readdirSync(join(__dirname, "lab"), { recursive: true, encoding: "utf8" });
    const folders = files
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => file.split("/").slice(0, -1).join("/"));
    assert.deepEqual([...new Set(folders)].sort(), [...run, "any", "host"].sort());
    for (const state of [...run, "any"]) assert.ok(files.includes(`${state}/state.ts`), state);
  });
});
