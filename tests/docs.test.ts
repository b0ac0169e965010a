import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { load } from "js-yaml";
import { parse } from "../components/rules/problems";
import { settingsSchema } from "../components/schema";
import { documentation } from "../settings/documentation";
import { providerKeys, secretKeys } from "../settings/settings";
import { blocks, docs, pages, read, root } from "./support/documentation";

/** The text of a page without its fenced blocks. */
const prose = (page: string): string => read(page).replaceAll(/^```.*?^```/gms, "");

/** Commands of a program, in blocks and between backticks, each with the page that it stands in. */
const commands = (program: string): { page: string; command: string }[] =>
  pages.flatMap((page) => {
    const inline = [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text.replaceAll("\\|", "|"));
    const lines = [...inline, ...blocks("sh").flatMap((block) => (block.page === page ? block.text.split("\n") : []))];
    return lines
      .flatMap((line) => line.replace(/ +# .*$/, "").split(/&&|\|\||[;|]/))
      .map((command) => command.trim())
      .filter((command) => command.startsWith(`${program} `))
      .map((command) => ({ page, command }));
  });

/** Where GitHub lets a link lead to in a page. */
const anchors = (page: string): string[] =>
  [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("The documentation", () => {
  it("has no link that leads nowhere", () => {
    const links = pages.flatMap((page) =>
      [...prose(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, to = "", anchor]) => ({
        page,
        to: to ? relative(root, join(root, dirname(page), to)) : page,
        anchor,
      })),
    );
    assert.ok(links.length > 50);
    const broken = links.filter(
      ({ to, anchor }) =>
        !existsSync(join(root, to)) || (anchor !== undefined && to.endsWith(".md") && !anchors(to).includes(anchor)),
    );
    assert.deepEqual(broken, []);
  });

  it("is found from the README, each page", () => {
    for (const page of docs) assert.ok(read("README.md").includes(`](${page})`), page);
  });

  it("shows settings that stand the checks", () => {
    const shown = blocks("yaml").filter(({ text }) => /^https-edge:/m.test(text));
    assert.ok(shown.length > 8);
    for (const { page, text } of shown) {
      const block = load(text) as Record<string, unknown>;
      const settings = Object.fromEntries(Object.entries(block).map(([key, value]) => [key.split(":")[1], value]));
      // The folder and the root are the reader's own.
      const parsed = parse(settingsSchema, { domains: [{ name: "example.com" }], ...settings });
      const problems = "problems" in parsed ? parsed.problems.filter((problem) => !/there is none/.test(problem)) : [];
      assert.deepEqual(problems, [], `${page}:\n${text}`);
    }
  });

  it("sets nothing by a command that is no setting", () => {
    const paths = [
      ...documentation().map(({ path }) => `https-edge:${path}`),
      ...Object.keys(secretKeys).map((key) => `https-edge:${key}`),
      ...Object.entries(providerKeys).flatMap(([name, keys]) => Object.keys(keys).map((key) => `${name}:${key}`)),
    ];
    // Labels are as anybody names them.
    const isSetting = (path: string): boolean => paths.includes(path.replace(/^(https-edge:.*labels)\..*$/, "$1"));
    const set = commands("pulumi").flatMap(({ page, command }) => {
      const [, path] = /^pulumi config set (?:--path |--secret )*'?([^\s']+)/.exec(command) ?? [];
      return path ? [{ page, path }] : [];
    });
    assert.ok(set.length > 10);
    assert.deepEqual(
      set.filter(({ path }) => !isSetting(path)),
      [],
    );
  });

  it("names no command of make, of npm or of its own that does not exist", () => {
    const targets = [...read("Makefile").matchAll(/^([a-z0-9-]+):/gm)].map(([, target]) => target);
    const own = [...read("operations/main.ts").matchAll(/(?:edgeC|c)ommand\("([\w-]+)"\)/g)].map(([, name]) => name);
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts ?? {});
    const made = commands("make").map(({ page, command }) => ({ page, name: command.split(" ")[1] }));
    const run = commands("npx https-edge").map(({ page, command }) => ({ page, name: command.split(" ")[2] }));
    const npm = commands("npm run").map(({ page, command }) => ({ page, name: command.split(" ")[2] }));
    assert.ok(made.length > 10 && run.length > 2);
    assert.deepEqual(
      [
        ...made.filter(({ name }) => !targets.includes(name)),
        ...run.filter(({ name }) => !own.includes(name)),
        ...npm.filter(({ name = "" }) => !scripts.includes(name)),
      ],
      [],
    );
  });
});
