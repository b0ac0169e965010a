import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { clone, directoryOf, nodeVersions, output } from "../../../lab";
import { Example, pack } from "../support/example";

/** Files of a folder by their extension, as they are packed. */
const sources = (folder: string): string[] =>
  readdirSync(join(clone, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `dist/${folder}/${file.replace(/\.ts$/, "")}`);

describe("The package, in somebody else's program", () => {
  let example: Example;
  before(async () => {
    example = await Example.install("component", "dev");
    await example.init();
  });
  after(() => example.remove());

  it("holds what its programs are compiled to, with types, and nothing else", async () => {
    const compiled = ["components", "operations", "plugin"].flatMap(sources);
    assert.deepEqual(
      (await pack()).files.sort(),
      [
        ...["CHANGELOG.md", "LICENSE", "README.md", "package.json", "pulumi-resource-https-edge"],
        ...["dist/plugin/schema.json", ...compiled.flatMap((file) => [`${file}.js`, `${file}.d.ts`])],
      ].sort(),
    );
  });

  for (const [which, version] of Object.entries(nodeVersions))
    it(`is a component with its parts, and what a route attaches to, under the ${which} Node`, async () => {
      const env = { PATH: `${await directoryOf(version)}:${process.env.PATH}` };
      assert.equal((await example.do(["node", "--version"], env)).stdout.trim(), `v${version}`);
      await example.createsEdgeAndRoute(env);
    });

  it("fits the program's types, as they are packed", async () => {
    await output([
      process.execPath,
      ...[join(clone, "node_modules", "typescript", "bin", "tsc"), "--noEmit", "--strict", "--skipLibCheck"],
      ...["--target", "ES2022", "--module", "nodenext", "--types", "node", join(example.directory, "index.ts")],
    ]);
  });
});
