import assert from "node:assert/strict";
import { checkHsts } from "../components/hsts";
import { checkMaxAge, checkPreload, hstsHeader } from "../components/rules/hsts";
import { versionSets } from "../components/rules/versions";

describe("HSTS", () => {
  for (const [maxAge, seconds] of [
    ["0 seconds", 0],
    ["5 minutes", 300],
    ["1 hour", 3_600],
    ["1 day", 86_400],
    ["2 weeks", 1_209_600],
    ["3 months", 7_776_000],
    ["1 year", 31_536_000],
    ["2 years", 63_072_000],
    ["730 days", 63_072_000],
  ] as const) {
    it(`tells browsers to remember for ${maxAge}`, () => {
      assert.equal(checkMaxAge(maxAge), undefined);
      assert.equal(hstsHeader({ maxAge }), `max-age=${seconds}`);
    });
  }

  for (const maxAge of [
    "",
    "86400",
    "1d",
    "one day",
    "1.5 days",
    "-1 day",
    "1 days ago",
    "1 century",
    "1  day",
    "1 dayss",
  ]) {
    it(`rejects "${maxAge}", which is no time in words`, () =>
      assert.equal(
        checkMaxAge(maxAge),
        `must be a time in words, from 0 seconds to 2 years, got "${maxAge}" (such as "5 minutes", "1 day", "3 months": a whole number and one of second, minute, hour, day, week, month, year)`,
      ));
  }

  for (const maxAge of ["3 years", "731 days", "999999999 years"]) {
    it(`rejects ${maxAge}, which is too long`, () =>
      assert.equal(
        checkMaxAge(maxAge),
        `must be a time in words, from 0 seconds to 2 years, got "${maxAge}" (a browser that has seen it insists on HTTPS for so long)`,
      ));
  }

  it("speaks of hosts below and of browsers' lists when told to", () => {
    assert.equal(hstsHeader({ maxAge: "1 day", includeSubDomains: true }), "max-age=86400; includeSubDomains");
    const all = { maxAge: "2 years", includeSubDomains: true, preload: true };
    assert.equal(checkPreload(all), undefined);
    assert.equal(hstsHeader(all), "max-age=63072000; includeSubDomains; preload");
  });

  for (const [maxAge, includeSubDomains] of [
    ["1 year", true],
    ["2 years", false],
    ["2 years", undefined],
  ] as const) {
    it(`is in no browser's list with ${maxAge} and includeSubDomains ${includeSubDomains}`, () =>
      assert.equal(
        checkPreload({ maxAge, includeSubDomains, preload: true }),
        `must come with maxAge "2 years" and includeSubDomains, got "${maxAge}" and ${includeSubDomains ?? false} (browsers' lists are left only in months: raise both first, and live with them for a while)`,
      ));
  }

  it("is refused with an Envoy Gateway that sets no headers", () => {
    assert.equal(checkHsts(versionSets.current), undefined);
    assert.match(checkHsts(versionSets.guide) ?? "", /^must be left out with Envoy Gateway 1\.3\.3, got a setting \(/);
  });
});
