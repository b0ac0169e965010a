import assert from "node:assert/strict";
import { awaitedChallenge, type Challenge } from "./challenges";

const challenge = (dnsName: string, status: Challenge["status"] = {}, more: object = {}): Challenge => ({
  spec: { dnsName, solver: { waitInsteadOfSelfCheck: "1m0s" }, ...more },
  status: { state: "pending", ...status },
});
const presentedAt = "2026-11-26T12:00:00Z";
const after = (seconds: number): number => Date.parse(presentedAt) + seconds * 1_000;
const presented = { processing: true, presentedAt };
const wildcard = (status?: Challenge["status"]) => challenge("example.com", status, { wildcard: true });

describe("The challenge that is awaited", () => {
  it("is none while there is none, or none that is open", () => {
    assert.equal(awaitedChallenge([], after(0)), undefined);
    const ended = ["valid", "invalid", "expired", "errored"].map((state) => challenge("example.com", { state }));
    assert.equal(awaitedChallenge(ended, after(0)), undefined);
  });

  it("is the apex's with the seconds left, and then the wildcard's", () => {
    assert.deepEqual(awaitedChallenge([wildcard(), challenge("example.com", presented)], after(12.5)), {
      what: "the challenge of example.com (then *.example.com)",
      time: "48 s left",
    });
    const valid = challenge("example.com", { ...presented, processing: false, state: "valid" });
    assert.deepEqual(awaitedChallenge([valid, wildcard(presented)], after(59)), {
      what: "the challenge of *.example.com",
      time: "1 s left",
    });
  });

  it("is with Let's Encrypt once the wait is over", () =>
    assert.deepEqual(awaitedChallenge([challenge("example.com", presented)], after(60)), {
      what: "Let's Encrypt to validate example.com",
    }));

  it("is with cert-manager before its record is written, and says what hinders it", () => {
    assert.deepEqual(awaitedChallenge([challenge("example.com"), wildcard()], after(0)), {
      what: "cert-manager to write the challenge record of example.com (then *.example.com)",
    });
    assert.deepEqual(awaitedChallenge([challenge("example.com", { processing: true, reason: "403" })], after(0)), {
      what: "cert-manager to write the challenge record of example.com: 403",
    });
    const fresh = { spec: { dnsName: "example.com", solver: {} } };
    assert.match(awaitedChallenge([fresh], after(0))?.what ?? "", /write the challenge record of example\.com$/);
  });

  it("is with cert-manager while it looks the record up itself", () => {
    const checking = challenge("example.com", { ...presented, reason: "not propagated" }, { solver: {} });
    assert.deepEqual(awaitedChallenge([checking], after(90)), {
      what: "cert-manager to see the challenge record of example.com: not propagated",
    });
  });

  it("counts the others when there are many", () => {
    const others = ["a.example", "b.example", "c.example"].map((name) => challenge(name));
    const { what } = awaitedChallenge([...others, challenge("example.com", presented)], after(0)) ?? {};
    assert.equal(what, "the challenge of example.com (then 3 others)");
  });
});
