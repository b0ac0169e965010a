import assert from "node:assert/strict";
import { checkCidr } from "../components/rules/cidrs";
import { cloudflareRanges } from "../components/rules/cloudflareRanges";
import { parse } from "../components/rules/problems";
import { checkEdgeCertificate, encryptionMode } from "../components/rules/proxied";
import { versionSets } from "../components/rules/versions";
import {
  checkBesideProxied,
  checkBesideProxyProtocol,
  clientIPDetection,
  earlyRequestHeaders,
  sourceRanges,
  trustedProxies,
  trustedProxiesSetting,
} from "../components/trustedProxies";

const { current, guide } = versionSets;
const cidrs = ["198.51.100.0/24", "2001:db8::/32"];

describe("A range of addresses", () => {
  for (const good of ["198.51.100.7/32", "10.0.0.0/8", "128.0.0.0/1", "2001:db8::/32", "2001:db8::7/128", "::/1"])
    it(`may be ${good}`, () => assert.equal(checkCidr(good), undefined));

  for (const [bad, why] of [
    ["198.51.100.7", "an address, a slash"],
    ["198.51.100.0/33", "an address, a slash"],
    ["198.51.100.0/024", "an address, a slash"],
    ["198.51.100/24", "an address, a slash"],
    ["x10.0.0.0/8", "an address, a slash"],
    ["2001:db8::/129", "an address, a slash"],
    ["fe80::%eth0/64", "an address, a slash"],
    ["cdn.example.com", "an address, a slash"],
    ["0.0.0.0/0", "any client would be believed"],
    ["::/0", "any client would be believed"],
    ["198.51.100.7/24", "write /32 for this address alone"],
    ["2001:db8::7/32", "write /128 for this address alone"],
  ] as const)
    it(`must not be ${bad}`, () => {
      const problem = checkCidr(bad) ?? "";
      assert.ok(problem.startsWith("must be a range such as 198.51.100.0/24 or 2001:db8::/32, got"), problem);
      assert.ok(problem.includes(why), problem);
    });
});

describe("Cloudflare's ranges", () => {
  it("are ranges, each once", () => {
    assert.deepEqual(cloudflareRanges.filter(checkCidr), []);
    assert.equal(new Set(cloudflareRanges).size, cloudflareRanges.length);
  });
});

describe("The setting trustedProxies", () => {
  const problemsOf = (value: unknown): string[] => {
    const parsed = parse(trustedProxiesSetting, value);
    return "problems" in parsed ? parsed.problems : [];
  };

  for (const good of [
    { hops: 1 },
    { hops: 2, beforeBalancer: true },
    { cidrs },
    { cidrs, only: true },
    { cloudflare: true },
    { cloudflare: true, only: true },
  ])
    it(`may be ${JSON.stringify(good)}`, () => assert.deepEqual(problemsOf(good), []));

  for (const [bad, got] of [
    [{}, "none of them"],
    [{ cloudflare: false }, "none of them"],
    [{ hops: 1, cidrs }, "hops and cidrs"],
    [{ cidrs, cloudflare: true }, "cidrs and cloudflare"],
  ] as const)
    it(`must not be ${JSON.stringify(bad)}`, () => {
      const [problem = "", ...more] = problemsOf(bad);
      assert.deepEqual(more, []);
      assert.ok(problem.includes(`must hold one of hops, cidrs and cloudflare, got ${got} (`), problem);
    });

  it("must not close the door by a number", () => {
    assert.deepEqual(problemsOf({ hops: 1, only: true }), [
      "only must go with cidrs or cloudflare, got hops (a number tells no addresses that could be let in)",
    ]);
  });

  it("must have at least one hop, or one range", () => {
    assert.deepEqual(problemsOf({ hops: 0 }), ["hops must be at least 1, got 0 (see the settings table)"]);
    assert.deepEqual(problemsOf({ cidrs: [] }), [
      "cidrs must hold at least one entry, got [] (see the settings table)",
    ]);
  });
});

describe("Trusted proxies", () => {
  it("are Cloudflare's where requests come through its proxy, and none by default", () => {
    assert.deepEqual(trustedProxies(undefined, true), { cloudflare: true });
    assert.equal(trustedProxies(undefined, undefined), undefined);
    assert.deepEqual(trustedProxies({ hops: 1 }, undefined), { hops: 1 });
  });

  it("must not be others where requests come through Cloudflare's", () => {
    for (const [given, got] of [
      [{ hops: 1 }, "hops"],
      [{ cidrs }, "cidrs"],
    ] as const)
      assert.equal(
        checkBesideProxied(given, true),
        `must be cloudflare where cloudflare.proxied is set, got ${got} (requests come by Cloudflare's proxies: leave it out, or set trustedProxies.cloudflare)`,
      );
    for (const good of [undefined, { cloudflare: true, only: true }])
      assert.equal(checkBesideProxied(good, true), undefined);
    assert.equal(checkBesideProxied({ hops: 1 }, undefined), undefined);
  });

  it("go together with PROXY protocol only if they are said to stand before the load balancer", () => {
    for (const given of [{ hops: 1 }, { cidrs }]) {
      assert.match(checkBesideProxyProtocol(given, true) ?? "", /^must not go with proxyProtocol, got both \(/);
      assert.equal(checkBesideProxyProtocol({ ...given, beforeBalancer: true }, true), undefined);
      assert.equal(checkBesideProxyProtocol(given, false), undefined);
    }
    for (const given of [undefined, { cloudflare: true }])
      assert.equal(checkBesideProxyProtocol(given, true), undefined);
    assert.match(
      checkBesideProxyProtocol({ hops: 1, beforeBalancer: true }, false) ?? "",
      /^must be without beforeBalancer where proxyProtocol is not set, got true \(/,
    );
  });

  it("are let in alone where only they are to come", () => {
    assert.deepEqual(sourceRanges(undefined), []);
    assert.deepEqual(sourceRanges({ cidrs }), []);
    assert.deepEqual(sourceRanges({ cidrs, only: true }), cidrs);
    assert.deepEqual(sourceRanges({ cloudflare: true, only: true }), cloudflareRanges);
  });

  it("tell the client's address by X-Forwarded-For", () => {
    assert.deepEqual(clientIPDetection(undefined), {});
    for (const [given, xForwardedFor] of [
      [{ hops: 2 }, { numTrustedHops: 2 }],
      [{ cidrs }, { trustedCIDRs: cidrs }],
      [{ cidrs, only: true }, { trustedCIDRs: cidrs }],
      [{ cloudflare: true }, { trustedCIDRs: cloudflareRanges }],
    ] as const)
      assert.deepEqual(clientIPDetection(given), { clientIPDetection: { xForwardedFor } });
  });

  it("tell it by CF-Connecting-IP where nobody but Cloudflare comes, and nobody without it", () => {
    assert.deepEqual(clientIPDetection({ cloudflare: true, only: true }), {
      clientIPDetection: { customHeader: { name: "CF-Connecting-IP", failClosed: true } },
    });
  });
});

describe("Headers of a client", () => {
  const removed = (...given: Parameters<typeof earlyRequestHeaders>): string[] => earlyRequestHeaders(...given).remove;

  it("are taken away where they could be forged", () => {
    const names = removed(undefined, current);
    for (const name of [
      "X-Forwarded-For",
      "X-Real-IP",
      "X-Forwarded-Host",
      "Forwarded",
      "CF-Connecting-IP",
      "True-Client-IP",
    ])
      assert.ok(names.includes(name), name);
    assert.deepEqual(earlyRequestHeaders(undefined, current).removeOnMatch, [
      { type: "Prefix", value: "x-envoy-" },
      { type: "Prefix", value: "x-original-" },
    ]);
  });

  it("are each named once, and no more than a policy takes", () => {
    const names = removed(undefined, current).map((name) => name.toLowerCase());
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.length <= 64, `${names.length}`);
  });

  it("are those that most applications believe, where Envoy Gateway 1.3 takes no more", () => {
    const early = earlyRequestHeaders(undefined, guide);
    assert.deepEqual(early, { remove: removed(undefined, current).slice(0, 16) });
  });

  it("keep the chain of trusted proxies, and nothing else", () => {
    const all = removed(undefined, current);
    for (const trusted of [{ hops: 1 }, { cidrs }, { cloudflare: true }])
      assert.deepEqual(
        removed(trusted, current),
        all.filter((name) => name !== "X-Forwarded-For"),
      );
  });

  it("give way to what Cloudflare says, where nobody else comes", () => {
    const { set, remove } = earlyRequestHeaders({ cloudflare: true, only: true }, current);
    assert.deepEqual(set, [{ name: "X-Forwarded-For", value: "%REQ(CF-Connecting-IP)%" }]);
    assert.deepEqual(
      removed(undefined, current).filter((name) => !remove.includes(name)),
      ["X-Forwarded-For", "CF-Connecting-IP"],
    );
  });
});

describe("A domain behind Cloudflare's proxy", () => {
  it("is a zone itself, or has a certificate at Cloudflare", () => {
    assert.equal(checkEdgeCertificate("example.com", "example.com", undefined), undefined);
    assert.equal(checkEdgeCertificate("eu.example.com", "example.com", true), undefined);
    for (const name of ["eu.example.com", "a.eu.example.com"])
      assert.equal(
        checkEdgeCertificate(name, "example.com", undefined),
        `must be a zone itself where cloudflare.proxied is set, got "${name}" in example.com (Cloudflare's Universal SSL covers example.com and *.example.com, and not *.${name}: if an advanced certificate or Total TLS does, set cloudflare.edgeCertificates)`,
      );
  });

  it("is to be reached by Full (strict), with which a certificate of the staging environment will not do", () => {
    assert.match(encryptionMode("production"), /must be Full \(strict\) in Cloudflare's dashboard\.$/);
    assert.match(encryptionMode("staging"), /answers 526 until acme\.environment is production/);
    assert.match(encryptionMode("server"), /answers 526 where it does not trust acme\.server's CA/);
  });
});
