import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse, problemsMessage } from "../components/rules/problems";
import { settingsSchema, withoutSecrets } from "../components/schema";

const good = { domains: [{ name: "example.com" }] };
const everything = {
  domains: [{ name: "eu.example.com", zone: "example.com", zoneId: "0".repeat(32) }, { name: "example.org" }],
  cluster: { uid: "5c1d8f0e-93f4-4a7d-8d6b-0a4f2f5f0c11" },
  versions: { set: "current", envoyGateway: "1.9.2", gatewayApi: "1.6.2", certManager: "1.21.3" },
  crds: { gatewayApi: "https://mirror.example/a.yaml", envoyGateway: "b.yaml", existing: false },
  cloudflare: { accountId: "0".repeat(32), rotation: "2026-11" },
  acme: { environment: "production", email: "ops@company.example", waitInsteadOfSelfCheck: "90s" },
  gateway: {
    replicas: 3,
    annotations: { "cloud.example/kind": "network" },
    image: "mirror.example/envoy:v1.39.3",
    ipFamily: "DualStack",
  },
  landing: { title: "Hello", text: "World" },
  whoami: { host: "echo", replicas: 1 },
};
/** Every problem of the settings. */
const problemsOf = (settings: unknown): string[] => {
  const parsed = parse(settingsSchema, settings);
  return "problems" in parsed ? parsed.problems : [];
};
const keys = Object.keys(everything).join(", ");

/** Settings over the smallest good ones, and their one problem. */
const problems: [string, object, string][] = [
  ["no domains", { domains: undefined }, "domains must be a list, got nothing (for example [{ name: example.com }])"],
  [
    "a domain in place of a list",
    { domains: "example.com" },
    'domains must be a list, got "example.com" (for example [{ name: example.com }])',
  ],
  [
    "an empty list of domains",
    { domains: [] },
    "domains must hold at least one entry, got [] (see the settings table)",
  ],
  [
    "a domain that is not an object",
    { domains: ["example.com"] },
    "domains[0] must be an object, got \"example.com\" (set it with --path, such as 'domains[0].…')",
  ],
  [
    "a domain without a name",
    { domains: [{}] },
    "domains[0].name must be a string, got nothing (see the settings table)",
  ],
  [
    "a bad name",
    { domains: [{ name: "Example.com" }] },
    'domains[0].name must be a bare name such as example.com, got "Example.com" (write it in lower case)',
  ],
  [
    "a bad name, whatever its zone",
    { domains: [{ name: "Example.com", zone: "example.com" }] },
    'domains[0].name must be a bare name such as example.com, got "Example.com" (write it in lower case)',
  ],
  [
    "a version with a v, once",
    { versions: { envoyGateway: "v1.9.1" } },
    'versions.envoyGateway must be a version such as 1.9.1, got "v1.9.1" (three numbers, no "v")',
  ],
  [
    "a bad zone",
    { domains: [{ name: "a.example.com", zone: "com" }] },
    'domains[0].zone must be a domain of your own, got "com" (a public suffix, below which anybody registers: name yours below it, such as example.com)',
  ],
  [
    "a domain that is a registry's public suffix, whatever zone is given",
    { domains: [{ name: "co.uk", zoneId: "0".repeat(32) }] },
    'domains[0].name must be a domain of your own, got "co.uk" (a public suffix, below which anybody registers: name yours below it, such as example.co.uk)',
  ],
  [
    "a domain that is a private public suffix, once",
    { domains: [{ name: "github.io", zone: "github.io" }] },
    'domains[0].name must be a domain of your own, got "github.io" (a public suffix, below which anybody registers: name yours below it, such as example.github.io; if it is yours, set zoneId)',
  ],
  [
    "a zone that is a private public suffix",
    { domains: [{ name: "me.github.io", zone: "github.io" }] },
    'domains[0].zone must be a domain of your own, got "github.io" (a public suffix, below which anybody registers: name yours below it, such as example.github.io; if it is yours, set zoneId)',
  ],
  [
    "more domains than a listener has room for",
    { domains: Array.from({ length: 65 }, (_, index) => ({ name: `d${index}.example.com` })) },
    "domains must name at most 64 domains, got 65 (each has a certificate, and a Gateway's listener takes 64: serve the others by another edge)",
  ],
  [
    "a zone of another domain",
    { domains: [{ name: "example.com", zone: "example.org" }] },
    'domains[0].zone must be the domain\'s own name or a parent of it, got "example.org" for example.com (name the Cloudflare zone that example.com lies in)',
  ],
  [
    "a domain that stands twice",
    { domains: [{ name: "example.com" }, { name: "example.com" }] },
    'domains must name each domain once, got "example.com" twice (remove one)',
  ],
  [
    "a bad zone id",
    { domains: [{ name: "example.com", zoneId: "1" }] },
    'domains[0].zoneId must be an id of 32 hexadecimal digits, got "1" (the dashboard shows it on the zone\'s overview page)',
  ],
  [
    "an unknown version set",
    { versions: { set: "newest" } },
    'versions.set must be current or guide, got "newest" (set one of these, or leave it out)',
  ],
  [
    "a version that goes with no other",
    { versions: { set: "guide", gatewayApi: "1.6.3" } },
    "versions must go together, got Envoy Gateway 1.3.3 with Gateway API 1.6.3 (Envoy Gateway 1.3 is built against Gateway API 1.2: change both or neither)",
  ],
  [
    "a mirror over plain http",
    { crds: { gatewayApi: "http://mirror.example" } },
    'crds.gatewayApi must be an https address or a path, got "http://mirror.example" (CRDs over plain http can be changed on the way)',
  ],
  [
    "a bad account id",
    { cloudflare: { accountId: "me" } },
    'cloudflare.accountId must be an id of 32 hexadecimal digits, got "me" (the dashboard shows it on the zone\'s overview page)',
  ],
  [
    "a rotation that is a number",
    { cloudflare: { rotation: 2026 } },
    "cloudflare.rotation must be a string, got 2026 (put it in quotes)",
  ],
  [
    "an environment of another name",
    { acme: { environment: "prod" } },
    'acme.environment must be staging or production, got "prod" (set one of these, or leave it out)',
  ],
  [
    "an e-mail address that is none",
    { acme: { email: "ops" } },
    'acme.email must be one e-mail address, got "ops" (or leave it out)',
  ],
  ["no proxies", { gateway: { replicas: 0 } }, "gateway.replicas must be at least 1, got 0 (see the settings table)"],
  [
    "too many proxies",
    { gateway: { replicas: 101 } },
    "gateway.replicas must be at most 100, got 101 (see the settings table)",
  ],
  [
    "half a proxy",
    { gateway: { replicas: 1.5 } },
    "gateway.replicas must be a whole number, got 1.5 (see the settings table)",
  ],
  [
    "a number in words",
    { gateway: { replicas: "2" } },
    'gateway.replicas must be a number, got "2" (see the settings table)',
  ],
  [
    "annotations in a list",
    { gateway: { annotations: ["a"] } },
    "gateway.annotations must be an object, got [\"a\"] (set it with --path, such as 'gateway.annotations.…')",
  ],
  [
    "an annotation that is not text",
    { gateway: { annotations: { internal: true } } },
    "gateway.annotations.internal must be a string, got true (put it in quotes)",
  ],
  [
    "an annotation that the API server would refuse",
    { gateway: { annotations: { "cloud.example/kind": "network", "foo bar": "" } } },
    'gateway.annotations must have a key such as cloud.example/kind, got "foo bar" (a name of at most 63 letters, digits, "-", "_" and ".", after a domain and "/" if the cloud\'s documentation gives one)',
  ],
  [
    "annotations too large for an object",
    { gateway: { annotations: { a: "a".repeat(262_144) } } },
    "gateway.annotations must be at most 262144 bytes in all, keys and values, got 262145 (a limit of Kubernetes: shorten the values)",
  ],
  [
    "an annotation that names the load balancer like the edge itself",
    { gateway: { annotations: { "load-balancer.hetzner.cloud/hostname": "edge.example.com" } } },
    'gateway.annotations["load-balancer.hetzner.cloud/hostname"] must be a name outside the edge\'s domains, got "edge.example.com" (the records of example.com and *.example.com would lead to themselves; leave the annotation away, or give a name that has an A record of its own elsewhere)',
  ],
  [
    "an IP family of another name",
    { gateway: { ipFamily: "ipv6" } },
    'gateway.ipFamily must be IPv4 or IPv6 or DualStack, got "ipv6" (set one of these, or leave it out)',
  ],
  [
    "a cluster by another id than its UID",
    { cluster: { uid: "prod" } },
    'cluster.uid must be a UID, got "prod" (kubectl get namespace kube-system -o jsonpath={.metadata.uid})',
  ],
  [
    "an image without a tag",
    { gateway: { image: "mirror.example/envoy" } },
    'gateway.image must be an image with a tag or a digest, such as registry.company.example/envoyproxy/envoy:distroless-v1.39.6, got "mirror.example/envoy" (any other image may change when a proxy restarts)',
  ],
  [
    "a switch for a part",
    { landing: true },
    "landing must be an object, got true (set it with --path, such as 'landing.…')",
  ],
  [
    "a host of two labels",
    { whoami: { host: "a.b" } },
    'whoami.host must be one label such as whoami, got "a.b" (lower case, no dots: the certificate covers one level below the domain)',
  ],
];

const unknown: [string, object, string][] = [
  ["", { domain: "example.com" }, `domain must be a setting, got an unknown name (known: ${keys})`],
  ...Object.entries(everything)
    .filter(([key]) => key !== "domains")
    .map(([key, block]): [string, object, string] => [
      key,
      { [key]: { typo: 1 } },
      `${key}.typo must be a setting, got an unknown name (known in ${key}: ${Object.keys(block).join(", ")})`,
    ]),
  [
    "domains[0]",
    { domains: [{ name: "example.com", typo: 1 }] },
    "domains[0].typo must be a setting, got an unknown name (known in domains[0]: name, zone, zoneId)",
  ],
];

describe("Schema", () => {
  it("accepts the smallest settings", () => assert.deepEqual(problemsOf(good), []));

  it("accepts every setting", () => assert.deepEqual(problemsOf(everything), []));

  for (const [what, settings, problem] of problems) {
    it(`rejects ${what}`, () => assert.deepEqual(problemsOf({ ...good, ...settings }), [problem]));
  }

  for (const [where, settings, problem] of unknown) {
    it(`rejects an unknown name in ${where || "the settings"}`, () =>
      assert.deepEqual(problemsOf({ ...good, ...settings }), [problem]));
  }

  it("accepts a private public suffix of whoever knows its zone's id", () => {
    const zoneId = "0".repeat(32);
    assert.deepEqual(problemsOf({ domains: [{ name: "github.io", zoneId }, { name: "example.com" }] }), []);
  });

  it("accepts a landing page by the version of Envoy Gateway that holds it", () => {
    const landing = { text: "a".repeat(5_000) };
    assert.deepEqual(problemsOf({ ...good, landing }), []);
    assert.deepEqual(
      problemsOf({ ...good, landing, versions: { set: "guide" } }).map((problem) =>
        problem.replace(/got \d+/, "got …"),
      ),
      [
        "landing must make a page of at most 4096 bytes with Envoy Gateway 1.3.3, got … (shorten landing.title or landing.text)",
      ],
    );
  });

  it("takes secrets for unknown names, unless they are taken out first", () => {
    const secret = pulumi.secret("secret");
    const args = { ...good, cloudflare: { rotation: "1", mintingToken: secret, dnsToken: secret } };
    assert.equal(problemsOf(args).length, 2);
    assert.deepEqual(withoutSecrets(args), { ...good, cloudflare: { rotation: "1" } });
  });

  it("reports every problem at once", () => {
    const all = { domains: [{ name: "*.example.com" }, { name: "a..b", typo: 1 }], acme: { email: "me" }, more: 1 };
    assert.deepEqual(
      problemsOf(all).map((problem) => problem.split(" ")[0]),
      ["domains[0].name", "domains[1].name", "domains[1].typo", "acme.email", "more"],
    );
  });

  it("counts problems in its message", () => {
    assert.equal(problemsMessage(["a"]), "One setting is wrong; nothing was changed:\n  a");
    assert.equal(problemsMessage(["a", "b"]), "2 settings are wrong; nothing was changed:\n  a\n  b");
  });
});
