import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key, madeOnce } from "./cache";

describe("key", () => {
  it("is the same for the same inputs", () => assert.equal(key(["a", Buffer.from("b")]), key(["a", "b"])));
  it("changes with any input", () => assert.notEqual(key(["go.mod", "1"]), key(["go.mod", "2"])));
  it("keeps inputs apart", () => assert.notEqual(key(["ab", "c"]), key(["a", "bc"])));
});

describe("madeOnce", () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "lab-cache-"));
  });
  afterEach(() => rm(cache, { recursive: true }));

  it("makes a directory the first time only", async () => {
    let made = 0;
    const make = async (into: string) => writeFile(join(into, "file"), String(++made));
    await madeOnce(join(cache, "thing"), make);
    await madeOnce(join(cache, "thing"), make);
    assert.equal(await readFile(join(cache, "thing", "file"), "utf8"), "1");
  });

  it("makes it once for two that ask at the same time", async () => {
    let made = 0;
    const make = async () => {
      made++;
    };
    await Promise.all([madeOnce(join(cache, "thing"), make), madeOnce(join(cache, "thing"), make)]);
    assert.equal(made, 1);
  });

  it("leaves nothing half made, and starts afresh", async () => {
    const fails = async (into: string) => {
      await writeFile(join(into, "half"), "");
      throw new Error("interrupted");
    };
    await assert.rejects(madeOnce(join(cache, "thing"), fails), /interrupted/);
    assert.equal(existsSync(join(cache, "thing")), false);
    await madeOnce(join(cache, "thing"), async (into) => writeFile(join(into, "whole"), ""));
    assert.equal(existsSync(join(cache, "thing", "half")), false);
  });
});
