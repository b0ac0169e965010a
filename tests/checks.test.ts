import assert from "node:assert/strict";
import * as checks from "../components/rules/checks";

const cases: Record<
  string,
  { check: (value: string) => string | undefined; accepts: string[]; rejects: Record<string, string> }
> = {
  "A domain's name": {
    check: checks.checkDomain,
    accepts: ["example.com", "eu.example.com", "xn--bcher-kva.example", "a-b.co", "1.example.com"],
    rejects: {
      "*.example.com":
        'must be a bare name such as example.com, got "*.example.com" (leave "*." away: the wildcard is added for you)',
      "https://example.com":
        'must be a bare name such as example.com, got "https://example.com" (leave the scheme and the path away)',
      "Example.com": 'must be a bare name such as example.com, got "Example.com" (write it in lower case)',
      [`${"a.".repeat(100)}com`]:
        "must be a bare name such as example.com, got 203 characters (shorten it: at most 200)",
      ...Object.fromEntries(
        [
          "",
          "example",
          "example.com.",
          "-a.com",
          "a-.com",
          "a..com",
          "bücher.example",
          "1.2.3.4",
          `${"a".repeat(64)}.com`,
        ].map((name) => [
          name,
          `must be a bare name such as example.com, got "${name}" (letters, digits, hyphens and dots; a name in another script in its xn-- form)`,
        ]),
      ),
    },
  },
  "A domain's zone": {
    check: (zone) => checks.checkZone("eu.example.com", zone),
    accepts: ["eu.example.com", "example.com"],
    rejects: Object.fromEntries(
      ["example.org", "ample.com", "www.eu.example.com"].map((zone) => [
        zone,
        `must be the domain's own name or a parent of it, got "${zone}" for eu.example.com (name the Cloudflare zone that eu.example.com lies in)`,
      ]),
    ),
  },
  "An ACME contact": {
    check: checks.checkEmail,
    accepts: ["ops@company.example", "a.b+c@mail.company.example"],
    rejects: {
      ...Object.fromEntries(
        ["", "ops", "ops@company", "a@b.example, c@d.example", "mailto: a@b.example"].map((email) => [
          email,
          `must be one e-mail address, got "${email}" (or leave it out)`,
        ]),
      ),
      "ops@example.com":
        'must be an address of your own, got "ops@example.com" (Let\'s Encrypt refuses example.com; leave it out if you have none)',
      "ops@mail.Example.org":
        'must be an address of your own, got "ops@mail.Example.org" (Let\'s Encrypt refuses mail.example.org; leave it out if you have none)',
    },
  },
  "A wait": {
    check: checks.checkWait,
    accepts: ["selfCheck", "1s", "90s", "1m30s", "60m", "3600s"],
    rejects: Object.fromEntries(
      ["", "0s", "60", "61m", "3601s", "1h", "1.5m", "-5s", "30s1m", "selfcheck"].map((wait) => [
        wait,
        `must be a duration from 1s to 60m or selfCheck, got "${wait}" (for example 60s; at 0 the CA asks before the record is there, and the next try is an hour away)`,
      ]),
    ),
  },
  "A label": {
    check: checks.checkLabel,
    accepts: ["whoami", "a", "who-am-1"],
    rejects: Object.fromEntries(
      ["", "who.ami", "Whoami", "-a", "a-", "a".repeat(64)].map((label) => [
        label,
        `must be one label such as whoami, got "${label}" (lower case, no dots: the certificate covers one level below the domain)`,
      ]),
    ),
  },
  "An id of Cloudflare": {
    check: checks.checkCloudflareId,
    accepts: ["0123456789abcdef0123456789abcdef"],
    rejects: Object.fromEntries(
      ["", "example.com", "0123456789ABCDEF0123456789ABCDEF", "0".repeat(31), "0".repeat(33)].map((id) => [
        id,
        `must be an id of 32 hexadecimal digits, got "${id}" (the dashboard shows it on the zone's overview page)`,
      ]),
    ),
  },
  "A version": {
    check: checks.checkVersion,
    accepts: ["1.9.1", "1.21.10"],
    rejects: Object.fromEntries(
      ["", "v1.9.1", "1.9", "1.9.1-rc.1", "latest"].map((version) => [
        version,
        `must be a version such as 1.9.1, got "${version}" (three numbers, no "v")`,
      ]),
    ),
  },
  "A place to read a file from": {
    check: checks.checkLocation,
    accepts: ["https://mirror.example/crds.yaml", "crds/standard-install.yaml", "/crds.yaml"],
    rejects: Object.fromEntries(
      ["", " ", "http://mirror.example/crds.yaml", "HTTP://mirror.example/crds.yaml"].map((location) => [
        location,
        `must be an https address or a path, got "${location}" (CRDs over plain http can be changed on the way)`,
      ]),
    ),
  },
};

for (const [what, { check, accepts, rejects }] of Object.entries(cases)) {
  describe(what, () => {
    for (const value of accepts) it(`accepts "${value}"`, () => assert.equal(check(value), undefined));
    for (const [value, problem] of Object.entries(rejects)) {
      it(`rejects "${value.slice(0, 40)}"`, () => assert.equal(check(value), problem));
    }
  });
}

describe("A list of domains", () => {
  it("accepts different names", () => assert.equal(checks.checkDomains(["example.com", "eu.example.com"]), undefined));

  it("rejects a name that stands twice", () =>
    assert.equal(
      checks.checkDomains(["example.com", "example.org", "example.com"]),
      'must name each domain once, got "example.com" twice (remove one)',
    ));
});

describe("An image of the proxies", () => {
  const digest = `@sha256:${"0".repeat(64)}`;
  for (const image of [
    "docker.io/envoyproxy/envoy:distroless-v1.39.6",
    "mirror.company.example:5000/envoy:v1",
    `mirror.company.example/envoy${digest}`,
    `mirror.company.example/envoy:latest${digest}`,
  ]) {
    it(`may be ${image}`, () => assert.equal(checks.checkImage(image), undefined));
  }

  for (const image of [
    "mirror.company.example:5000/envoy",
    "envoy:latest",
    "https://mirror/envoy:v1",
    "Envoy:v1",
    "",
  ]) {
    it(`may not be "${image}"`, () =>
      assert.match(checks.checkImage(image) ?? "", /^must be an image with a tag or a/));
  }
});
