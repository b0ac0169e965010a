import assert from "node:assert/strict";
import { RateLimits } from "./rateLimits";

const account = "https://acme-v02.api.letsencrypt.org/my-account/1";
const names = ["example.com", "*.example.com"];
const hours = (count: number) => count * 3_600_000;

describe("Let's Encrypt's rate limits", () => {
  let now = 0;
  let limits: RateLimits;
  beforeEach(() => {
    now = Date.UTC(2026, 10, 25);
    limits = new RateLimits(() => now);
  });
  const repeat = (times: number, action: (index: number) => void) => {
    for (let index = 0; index < times; index++) action(index);
  };
  const reason = (order: Partial<Parameters<RateLimits["refusal"]>[0]> = {}) =>
    limits.refusal({ account, names, ...order })?.detail;

  it("refuse a sixth certificate within a week for the same names in any order", () => {
    repeat(5, () => {
      assert.equal(reason(), undefined);
      limits.issued(names);
    });
    assert.equal(
      reason({ names: ["*.example.com", "example.com"] }),
      "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-11-26 09:36:00 UTC: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers",
    );
    assert.equal(reason({ names: ["example.com"] }), undefined);
  });

  it("let one more through after a share of the window, and then no other", () => {
    repeat(5, () => limits.issued(names));
    now += hours(168 / 5);
    assert.equal(reason(), undefined);
    limits.issued(names);
    assert.match(reason() ?? "", /exact set/);
  });

  it("refuse a fifty-first certificate of a domain within a week, but not a renewal", () => {
    repeat(50, (index) => limits.issued([`host${index}.example.com`]));
    assert.match(
      reason() ?? "",
      /^too many certificates \(50\) already issued for "example\.com" in the last 168h0m0s/,
    );
    assert.equal(reason({ names: ["host7.example.com"] }), undefined);
    assert.equal(reason({ names: ["example.org"] }), undefined);
  });

  it("refuse a name and its wildcard to an account after five failed authorizations within an hour", () => {
    repeat(5, () => limits.failed(account, "example.com"));
    assert.match(
      reason({ names: ["*.example.com"] }) ?? "",
      /^too many failed authorizations \(5\) for "example\.com" in the last 1h0m0s, retry after 2026-11-25 00:12:00 UTC/,
    );
    assert.equal(reason({ account: "another" }), undefined);
    now += hours(1);
    assert.equal(reason(), undefined);
  });

  it("refuse a three hundred and first order of an account within three hours", () => {
    repeat(300, (index) => limits.ordered({ account, names: [`host${index}.example.com`] }));
    assert.match(reason() ?? "", /^too many new orders \(300\) from this account in the last 3h0m0s/);
    assert.equal(reason({ account: "another" }), undefined);
  });

  it("apply to no order that names the certificate it renews", () => {
    repeat(5, () => limits.issued(names));
    repeat(5, () => limits.failed(account, "example.com"));
    assert.equal(reason({ replaces: "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE" }), undefined);
  });
});
