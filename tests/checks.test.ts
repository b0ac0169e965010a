import assert from "node:assert/strict";
import * as checks from "../components/rules/checks";

const cases: Record<
  string,
  { check: (value: string) => string | undefined; accepts: string[]; rejects: Record<string, string> }
> = {
  "A domain's name": {
    check: checks.checkDomain,
    accepts: [
      ...["example.com", "eu.example.com", "xn--bcher-kva.example", "a-b.co", "1.example.com"],
      ...["example.co.uk", "www.ck", `${"a.".repeat(93)}com`],
    ],
    rejects: {
      "*.example.com":
        'must be a bare name such as example.com, got "*.example.com" (leave "*." away: the wildcard is added for you)',
      "https://example.com":
        'must be a bare name such as example.com, got "https://example.com" (leave the scheme and the path away)',
      "Example.com": 'must be a bare name such as example.com, got "Example.com" (write it in lower case)',
      [`${"a.".repeat(94)}co`]:
        "must be a bare name such as example.com, got 190 characters (shorten it: at most 189, so that a label below it fits into DNS)",
      ...Object.fromEntries(
        ["com", "co.uk", "xn--p1ai", "foo.ck"].map((name) => [
          name,
          `must be a domain of your own, got "${name}" (a public suffix, below which anybody registers: name yours below it, such as example.${name})`,
        ]),
      ),
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
  "An API token of Cloudflare": {
    check: checks.checkApiToken,
    accepts: ["aA0_-".repeat(8), `cfut_${"a".repeat(48)}`],
    rejects: Object.fromEntries(
      ["", "a".repeat(39), `${"a".repeat(40)}\n`, `Bearer ${"a".repeat(40)}`, "ä".repeat(40)].map((token) => [
        token,
        "must be an API token of at least 40 letters, digits, - and _, got something else (an API key does not do; create a token at https://dash.cloudflare.com/profile/api-tokens)",
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

describe("A public suffix of a private owner", () => {
  const problem =
    'must be a domain of your own, got "github.io" (a public suffix, below which anybody registers: name yours below it, such as example.github.io; if it is yours, set zoneId)';

  it("is no domain", () => assert.equal(checks.checkPrivateSuffix("github.io", undefined), problem));

  it("is a domain of whoever knows the id of its zone", () =>
    assert.equal(checks.checkPrivateSuffix("github.io", "0".repeat(32)), undefined));

  for (const name of ["me.github.io", "example.com", "example", "co.uk"]) {
    it(`is not ${name}`, () => assert.equal(checks.checkPrivateSuffix(name, undefined), undefined));
  }
});

describe("An annotation's key", () => {
  const good = [
    ...["internal", "a", "a.b_c-D9", "cloud.example/kind", "service.beta.kubernetes.io/aws-load-balancer-type"],
    ...["Cloud.Example/Kind", "localhost/a", "a".repeat(63), `${"a.".repeat(126)}a/${"b".repeat(63)}`],
  ];
  for (const key of good)
    it(`may be "${key.slice(0, 40)}"`, () => assert.equal(checks.checkAnnotationKey(key), undefined));

  const bad = [
    ...["", "foo bar", "/a", "a/", "a/b/c", "-a", "a-", "_", "a_b/c", ".a/b", "a../b", "ä", "a:b", "a\n"],
    ...["a".repeat(64), `${"a.".repeat(126)}aa/b`],
  ];
  for (const key of bad) {
    it(`may not be ${JSON.stringify(key.slice(0, 40))}`, () =>
      assert.equal(
        checks.checkAnnotationKey(key),
        `must have a key such as cloud.example/kind, got "${key}" (a name of at most 63 letters, digits, "-", "_" and ".", after a domain and "/" if the cloud's documentation gives one)`,
      ));
  }
});

describe("Annotations", () => {
  const bytes = (count: number) => ({ "a/b": "ä".repeat((count - 4) / 2), c: "" });

  it("have at most 256 KiB, keys and values", () => {
    assert.equal(checks.checkAnnotationsSize(bytes(262_144)), undefined);
    assert.equal(
      checks.checkAnnotationsSize(bytes(262_146)),
      "must be at most 262144 bytes in all, keys and values, got 262146 (a limit of Kubernetes: shorten the values)",
    );
  });
});

describe("A list of domains", () => {
  it("accepts different names", () => assert.equal(checks.checkDomains(["example.com", "eu.example.com"]), undefined));

  it("holds 64, as many certificates as a listener takes", () => {
    const domains = (count: number) => Array.from({ length: count }, (_, index) => `d${index}.example.com`);
    assert.equal(checks.checkDomains(domains(64)), undefined);
    assert.equal(
      checks.checkDomains(domains(65)),
      "must name at most 64 domains, got 65 (each has a certificate, and a Gateway's listener takes 64: serve the others by another edge)",
    );
  });

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
