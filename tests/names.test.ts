import assert from "node:assert/strict";
import { checkDomain } from "../components/rules/checks";
import { certificateName, namesOf, tlsSecretName, tokenName } from "../components/rules/names";

/** Every text of these characters, up to a length. */
const texts = (characters: string[], longest: number): string[] => {
  const all = [""];
  for (let from = 0, length = 1; length <= longest; length++) {
    const shorter = all.slice(from);
    from = all.length;
    for (const text of shorter) for (const character of characters) all.push(text + character);
  }
  return all;
};

/** The same numbers between 0 and 1 in each run. */
const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

/** As long as a domain may be, most of it hyphens, so that the names must be cut; the ends differ. */
const longDomains = (count: number): string[] => {
  const next = random(1);
  return Array.from({ length: count }, () => {
    const label = () => `a${Array.from({ length: 60 }, () => (next() < 0.9 ? "-" : "b")).join("")}c`;
    return `${label()}.${label()}.${label()}`
      .slice(0, 184)
      .replace(/[.-]+$/, "c")
      .concat(".com");
  });
};

const url = "https://ca.company.example/acme/acme/directory";

describe("Names of an edge", () => {
  const stated = (name?: string): string[] => {
    const { controllers, clusterResourceNamespace, gatewayClass, ...those } = namesOf({ name });
    const { tokenSecret, serverIssuer, gatewayTarget, httpsTarget, ...own } = those;
    const texts = (value: unknown): string[] =>
      typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(texts);
    return [
      ...texts(own),
      ...[undefined, "0".repeat(32)].map((account) => tokenSecret(account).name),
      serverIssuer(url),
      gatewayTarget.name,
      ...Object.keys(own.attachLabels),
    ].filter((each) => each !== "attach");
  };

  it("are the guide's without a name", () => {
    const { edge, namespace, whoami, issuers, tokenSecret, attachLabels } = namesOf();
    assert.deepEqual([edge, namespace, whoami], ["eg", "envoy-gateway", "whoami"]);
    assert.deepEqual(issuers, { staging: "letsencrypt-staging", production: "letsencrypt-prod" });
    assert.deepEqual(tokenSecret(), { name: "cloudflare-api-token", key: "api-token" });
    assert.deepEqual(attachLabels, { "https-edge/eg": "attach" });
  });

  it("have nothing in common with another edge's", () => {
    for (const other of ["shop", "hosts", "prod", "eg-eg"])
      assert.deepEqual(
        stated(other).filter((each) => stated().includes(each) || stated(`${other}-x`).includes(each)),
        [],
      );
  });

  it("share the controllers", () => {
    assert.deepEqual(namesOf({ name: "shop" }).controllers, namesOf().controllers);
    assert.equal(namesOf({ name: "shop" }).gatewayClass, "eg");
  });
});

describe("Names of domains' certificates and Secrets", () => {
  const short = texts(["a", "-", "."], 10)
    .map((text) => `${text}.co`)
    .filter((domain) => !checkDomain(domain));
  const long = [...new Set(longDomains(2_000))].filter((domain) => !checkDomain(domain));
  const domains = [...short, ...long];

  it("are made of domains enough, of which many are cut", () => {
    const cut = long.map(certificateName).filter((name) => /[^-]---[0-9a-f]{32}$/.test(name));
    assert.ok(short.length > 1_000 && cut.length > 1_000, `${short.length} and ${cut.length}`);
  });

  for (const [what, name] of [
    ["certificate", certificateName],
    ["Secret", tlsSecretName],
  ] as const) {
    it(`are different for each domain's ${what}`, () => {
      assert.equal(new Set(domains.map(name)).size, domains.length);
    });

    it(`are such as Kubernetes takes for a ${what}`, () => {
      for (const each of domains.map(name)) {
        assert.match(each, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
        assert.ok(each.length <= 253, `${each.length}: ${each}`);
      }
    });
  }

  it("of a domain without hyphens read as it does", () => {
    for (const domain of domains.filter((each) => !each.includes("-")))
      assert.equal(certificateName(domain), `wildcard-${domain.replaceAll(".", "-")}`);
  });

  it("that are cut differ from all that are not", () => {
    const domain = `${"a-".repeat(30)}a.${"b-".repeat(30)}b.${"c-".repeat(28)}c.com`;
    assert.equal(checkDomain(domain), undefined);
    assert.match(certificateName(domain), /^wildcard-a--a--.*[^-]---[0-9a-f]{32}$/);
    assert.ok(tlsSecretName(domain).length <= 253);
    assert.ok(short.map(certificateName).every((name) => !/[^-]---[^-]/.test(name)));
  });
});

describe("The name of a token at Cloudflare", () => {
  it("says whose it is", () => assert.equal(tokenName("example.com", "c0ffee00"), "https-edge example.com c0ffee00"));

  it("is at most 120 characters long, and still tells tokens apart", () => {
    const name = tokenName(`${"a".repeat(60)}.${"b".repeat(60)}.com`, "c0ffee00");
    assert.equal(name.length, 120);
    assert.match(name, /^https-edge a{60}\.b{39} c0ffee00$/);
  });
});
