import assert from "node:assert/strict";
import * as checks from "../components/rules/routes";

const domains = ["example.com", "eu.example.org"];
const rule = `must be a domain of the edge or one label below it (domains: ${domains.join(", ")})`;

describe("Hostnames of a route", () => {
  for (const host of ["example.com", "shop.example.com", "a.eu.example.org", "eu.example.com"]) {
    it(`may be ${host}`, () => assert.equal(checks.checkHostnames([host], domains), undefined));
  }

  for (const [what, hostnames, problem] of [
    [
      "none",
      [],
      'must name at least one host, got none (a route without hostnames takes every host of the edge; for example ["shop.example.com"])',
    ],
    ["one twice", ["example.com", "example.com"], 'must name each host once, got "example.com" twice (remove one)'],
    [
      "two labels below a domain",
      ["a.b.example.com"],
      `${rule}, got "a.b.example.com" (the certificate covers one label; add b.example.com to the edge's domains, or use a shorter name)`,
    ],
    ["of another domain", ["example.net"], `${rule}, got "example.net" (add its domain to the edge's domains)`],
    [
      "only similar to a domain",
      ["notexample.com"],
      `${rule}, got "notexample.com" (add its domain to the edge's domains)`,
    ],
    [
      "a wildcard",
      ["*.example.com"],
      `${rule}, got "*.example.com" (name each host: unclaimed hosts belong to the landing page)`,
    ],
    ["in capitals", ["Shop.example.com"], `${rule}, got "Shop.example.com" (lower case letters, digits and hyphens)`],
  ] as const) {
    it(`may not be ${what}`, () => assert.equal(checks.checkHostnames([...hostnames], domains), problem));
  }
});

describe("Rules of a route", () => {
  for (const path of ["/", "/api", "/api/", "/a%20b/c~d"]) {
    it(`may match ${path}`, () => assert.equal(checks.checkPath(path), undefined));
  }

  for (const path of ["", "api", "/a//b", "/a/../b", "/a/.", "/a?b=c", "/a#b", "/a b"]) {
    it(`may not match "${path}"`, () => assert.match(checks.checkPath(path) ?? "", /^must be an absolute path/));
  }

  it("may match a path of at most 1024 characters", () => {
    assert.equal(checks.checkPath(`/${"a".repeat(1023)}`), undefined);
    assert.equal(
      checks.checkPath(`/${"a".repeat(1024)}`),
      "must be at most 1024 characters, got 1025 (a limit of the Gateway API: match a shorter prefix)",
    );
  });

  it("may not match the path of an earlier rule, with a slash or without", () => {
    assert.equal(checks.checkPath("/api", ["/", "/apis"]), undefined);
    assert.match(checks.checkPath("/api/", ["/", "/api"]) ?? "", /^must differ from the paths of .*, got "\/api\/" /);
    assert.match(checks.checkPath("/", ["/"]) ?? "", /^must differ from the paths of earlier rules, got "\/" /);
  });

  it("are at least one, and at most 16", () => {
    assert.equal(checks.checkCount("rule", 16), undefined);
    assert.equal(checks.checkCount("rule", 0), "must name at least one rule, got none");
    assert.match(checks.checkCount("rule", 17) ?? "", /^must name at most 16, got 17/);
  });

  it("name at least one backend, and at most 16", () => {
    assert.equal(checks.checkCount("backend", 16), undefined);
    assert.equal(checks.checkCount("backend", 0), "must name at least one backend, got none");
    assert.match(checks.checkCount("backend", 17) ?? "", /^must name at most 16, got 17/);
  });

  for (const [port, good] of [
    [1, true],
    [65535, true],
    [0, false],
    [65536, false],
    [80.5, false],
  ] as const) {
    it(`${good ? "accept" : "reject"} port ${port}`, () => assert.equal(checks.checkPort(port) === undefined, good));
  }

  it("share requests by weights, of which one is above 0", () => {
    assert.equal(checks.checkWeights([1, 0]), undefined);
    assert.match(checks.checkWeights([0, 0]) ?? "", /^must have a weight above 0 for one backend/);
    assert.equal(checks.checkWeight(1_000_000), undefined);
    assert.match(checks.checkWeight(-1) ?? "", /^must be a whole number from 0 to 1000000, got -1/);
    assert.match(checks.checkWeight(1.5) ?? "", /^must be a whole number/);
  });

  it("give a backend no longer than the request, where that has an end", () => {
    assert.equal(checks.checkTimeouts("1m", "60s"), undefined);
    assert.equal(checks.checkTimeouts("0s", "60s"), undefined);
    assert.equal(checks.checkTimeouts(undefined, "60s"), undefined);
    assert.match(checks.checkTimeouts("30s", "1m") ?? "", /^must not be longer than the request's, got 1m of 30s/);
  });

  for (const [name, good] of [
    ["shop", true],
    ["Shop", false],
    ["shop_1", false],
    ["a".repeat(64), false],
  ] as const) {
    it(`${good ? "accept" : "reject"} the name ${name}`, () =>
      assert.equal(checks.checkName(name) === undefined, good));
  }
});
