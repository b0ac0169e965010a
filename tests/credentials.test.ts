import assert from "node:assert/strict";
import { checkExpiry, checkRange, momentOf } from "../components/rules/credentials";

describe("The end of a Cloudflare token", () => {
  const now = Date.parse("2026-11-27T12:00:00Z");

  it("is a day's beginning, or a moment", () => {
    assert.equal(momentOf("2027-11-01"), "2027-11-01T00:00:00Z");
    assert.equal(momentOf("2027-11-01T12:00:00Z"), "2027-11-01T12:00:00Z");
    for (const date of ["2027-11-01", "2026-11-28", "2026-11-27T12:00:01Z"])
      assert.equal(checkExpiry(date, now), undefined);
  });

  for (const date of ["", "next year", "2027-13-01", "01.11.2027", "2027-11-01T12:00:00+01:00"])
    it(`rejects "${date}"`, () =>
      assert.equal(
        checkExpiry(date, now),
        `must be a date such as 2027-11-01, got "${date}" (or a moment such as 2027-11-01T12:00:00Z)`,
      ));

  for (const date of ["2026-11-27", "2026-11-27T12:00:00Z"])
    it(`rejects ${date}, which is over`, () =>
      assert.equal(
        checkExpiry(date, now),
        `must be in the future, got "${date}" (the token has expired by then: set a later date, which replaces it)`,
      ));
});

describe("A range of addresses for a Cloudflare token", () => {
  it("is one", () => {
    for (const range of ["198.51.100.0/24", "2001:db8::/32"]) assert.equal(checkRange(range), undefined);
  });

  it("rejects every address, and what is none", () => {
    for (const range of ["0.0.0.0/0", "::/0"])
      assert.equal(checkRange(range), `must leave addresses out, got "${range}" (every address there is)`);
    assert.match(checkRange("198.51.100.7") ?? "", /^must be a range such as/);
  });
});
