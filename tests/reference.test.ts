import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { documentation } from "../settings/documentation";
import { written } from "../settings/reference";

const read = (file: string): string => readFileSync(join(__dirname, "..", file), "utf8");
/** Formatting apart: the formatter owns it, and aligns the columns of tables. */
const plain = (file: string, text: string): unknown =>
  file.endsWith(".json") ? JSON.parse(text) : text.replace(/ +/g, " ").replace(/-{3,}/g, "---");

const required = [
  "domains",
  "domains[].name",
  "acme.server.url",
  "clientTraffic.hsts.maxAge",
  "proxyProtocol.loadBalancer",
  "proxyProtocol.phase",
];

describe("The settings' documentation", () => {
  for (const [file, rewrite] of Object.entries(written)) {
    it(`stands in ${file} as the doc comments are now (make schema writes it)`, () => {
      const text = read(file);
      assert.deepEqual(plain(file, rewrite(text)), plain(file, text));
    });
  }

  it("says of every setting what it decides, and what holds without it", () => {
    for (const { path, meaning, fallback } of documentation()) {
      assert.notEqual(meaning, "", path);
      if (!required.includes(path)) assert.ok(fallback, path);
    }
  });

  it("follows lists and blocks, and names what is inside", () => {
    const found = documentation();
    assert.deepEqual(found.find(({ path }) => path === "domains")?.members, ["name", "zone?", "zoneId?", "accountId?"]);
    assert.deepEqual(
      found.filter(({ path }) => path.startsWith("domains")).map(({ path }) => path),
      ["domains", "domains[].name", "domains[].zone", "domains[].zoneId", "domains[].accountId"],
    );
  });
});
