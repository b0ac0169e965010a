import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkErrorPages, errorPagesOf, errorPagesSetting } from "../components/errorPages";
import { parse } from "../components/rules/problems";
import { versionSets } from "../components/rules/versions";

interface Override {
  match: { statusCodes: { type: string; value: number }[] };
  source: string;
  response: {
    contentType: string;
    body: { type: string; inline: string };
    header: { set: { name: string; value: string }[] };
  };
}
const overrides = (args: object) =>
  (errorPagesOf(args, versionSets.current) as { responseOverride: Override[] }).responseOverride;

describe("Error pages", () => {
  const directory = mkdtempSync(join(tmpdir(), "errors-"));
  after(() => rmSync(directory, { recursive: true }));
  const file = (content: string): string => {
    const path = join(directory, "error.html");
    writeFileSync(path, content);
    return path;
  };

  it("are a page for each status, in place of the proxies' own answers alone", () => {
    const all = overrides({});
    assert.deepEqual(
      all.map(({ match, source }) => [match, source]),
      [502, 503, 504].map((value) => [{ statusCodes: [{ type: "Value", value }] }, "Local"]),
    );
    for (const { match, response } of all) {
      assert.equal(response.contentType, "text/html; charset=utf-8");
      const { type, inline } = response.body;
      assert.equal(type, "Inline");
      assert.match(inline, new RegExp(`<h1><small>${match.statusCodes[0]?.value}</small> [A-Z]`));
      assert.doesNotMatch(inline, /%/);
      const headers = Object.fromEntries(response.header.set.map(({ name, value }) => [name, value]));
      assert.equal(headers["Cache-Control"], "no-store");
      assert.match(headers["Content-Security-Policy"] ?? "", /^default-src 'none'; style-src 'sha256-/);
    }
  });

  it("are one page of somebody's own, its percent signs doubled for Envoy", () => {
    const [only, ...others] = overrides({ page: file("<p style='width: 50%'>Ours</p>") });
    assert.deepEqual(others, []);
    assert.deepEqual(
      only?.match.statusCodes.map(({ value }) => value),
      [502, 503, 504],
    );
    assert.equal(only?.response.body.inline, "<p style='width: 50%%'>Ours</p>");
    assert.match(JSON.stringify(only?.response.header), /style-src 'self' 'unsafe-inline'/);
  });

  it("must be a page that the proxies can hold", () => {
    const problems = (page: string) => {
      const parsed = parse(errorPagesSetting, { page });
      return "problems" in parsed ? parsed.problems : [];
    };
    assert.deepEqual(problems(file("<p>good</p>")), []);
    assert.deepEqual(problems(file(`<p>${"a".repeat(65_536)}`)), [
      "page must have at most 65536 bytes in all, got 65539 (make its images smaller, or serve it by an application)",
    ]);
    assert.deepEqual(problems("nowhere.html"), [
      'page must be an HTML file, got "nowhere.html" (there is none; a path is taken from the folder that the program runs in)',
    ]);
  });

  it("are refused with Envoy Gateway 1.3, which cannot tell whose an answer is", () => {
    assert.equal(checkErrorPages(versionSets.current), undefined);
    assert.equal(
      checkErrorPages(versionSets.guide),
      'must be left out with Envoy Gateway 1.3.3, got a setting (it would put them in place of the applications\' own answers too: take versions.set "current")',
    );
  });
});
