import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { after, before, describe, it } from "mocha";
import { parse } from "../../../components/rules/problems";
import { settingsSchema } from "../../../components/schema";
import { run } from "../../../lab";
import { blocks } from "../../support/documentation";
import { Stack } from "../support/stack";

/** What a block says of the stack alone: its `pulumi up` is another test's. */
const withoutUp = (text: string): string =>
  `pulumi() { if [ "$1" = up ]; then echo "pulumi $*"; else command pulumi "$@"; fi; }\n${text}`;

describe("The blocks of the documentation that set something", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create("prod", "docs");
  });
  after(() => stack.destroy());

  const shown = blocks("sh").filter(({ text }) => text.includes("pulumi config set"));
  it("are there", () => assert.ok(shown.length >= 3, `${shown.length}`));

  for (const { page, text } of shown)
    it(`run as they stand in ${page}: ${text.split("\n")[0]}`, async () => {
      const { code, output } = await run(["bash", "-euc", withoutUp(text)], { cwd: stack.directory });
      assert.equal(code, 0, output);
      const { config } = load(readFileSync(join(stack.directory, "Pulumi.prod.yaml"), "utf8")) as { config: object };
      const own = Object.entries(config).flatMap(([key, value]) => {
        const [, name] = /^https-edge:(.*)$/.exec(key) ?? [];
        return name ? [[name, value]] : [];
      });
      const parsed = parse(settingsSchema, Object.fromEntries(own));
      assert.deepEqual("problems" in parsed ? parsed.problems : [], [], output);
    });
});
