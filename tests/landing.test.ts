import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LandingArgs } from "../components";
import { checkLanding, Landing, landingSetting } from "../components/landing";
import { parse } from "../components/rules/problems";
import { versionSets } from "../components/rules/versions";
import { accepted, type Deployment, deploy, Earlier, types, type World } from "./support/deploy";
import { instance, labels, listener, names } from "./support/names";

const parentRef = { name: "eg", namespace: "envoy-gateway", sectionName: "https" };
const run = (
  args: LandingArgs = {},
  world: World = {},
  domains?: string[],
  versions = versionSets.current,
): Promise<Deployment> =>
  deploy(
    () =>
      new Landing(
        "landing",
        { ...args, names, versions, listener: listener("https", [new Earlier("certificate")], domains) },
        {},
      ),
    world,
  );

const defaultPolicy =
  "default-src 'none'; style-src 'sha256-DIGEST'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const ownPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const secured = (policy: string, noindex = true) => ({
  type: "ResponseHeaderModifier",
  responseHeaderModifier: {
    set: [
      { name: "Content-Security-Policy", value: policy },
      { name: "X-Content-Type-Options", value: "nosniff" },
      { name: "X-Frame-Options", value: "DENY" },
      { name: "Referrer-Policy", value: "no-referrer" },
      { name: "Cache-Control", value: "no-store" },
      ...(noindex ? [{ name: "X-Robots-Tag", value: "noindex" }] : []),
    ],
  },
});

const filter = (which: string) => ({
  type: "ExtensionRef",
  extensionRef: { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", name: `landing-${which}` },
});

const route = (name: string, hostnames: string[], rules: object[]) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: {
    name: `landing-${name}`,
    namespace: "envoy-gateway",
    labels: { ...labels, ...instance },
    annotations: accepted,
  },
  spec: { parentRefs: [parentRef], hostnames, rules },
});

/** Rules for where there is a page, and for where there is none, as the proxies answer. */
const found = (policy: string, noindex = true) => [
  { matches: [{ path: { type: "Exact", value: "/" } }], filters: [secured(policy, noindex), filter("apex")] },
  { filters: [secured(policy, noindex), filter("unclaimed")] },
];
const missing = (policy: string) => [{ filters: [secured(policy), filter("unclaimed")] }];

/** The policy with the digest of a page's style. */
const allowing = (page: string): string => {
  const [, style = ""] = /<style>([^<]*)<\/style>/.exec(page) ?? [];
  return defaultPolicy.replace("DIGEST", createHash("sha256").update(style).digest("base64"));
};

/** Inputs of an answer's filter, and its page apart. */
const answer = (deployment: Deployment, which: string) => {
  const { inputs } = deployment.only(types.filter, `landing-${which}`);
  const { spec, ...object } = inputs as { spec: { directResponse: { body: { inline: string } } } };
  const { body, ...response } = spec.directResponse;
  return { object, response, body: { ...body, inline: undefined }, page: body.inline };
};

const inputsOf = (deployment: Deployment, name: string) => deployment.only(types.httpRoute, `landing-${name}`).inputs;

/** What is wrong with the setting by itself. */
const problemsOf = (landing: object): string[] => {
  const parsed = parse(landingSetting, landing);
  return "problems" in parsed ? parsed.problems : [];
};

describe("Landing page", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await run();
  });

  it("is a route and an answer for the apex and for unclaimed hosts each", () => {
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Landing", "landing"],
      [types.filter, "landing-apex"],
      [types.filter, "landing-unclaimed"],
      [types.httpRoute, "landing-apex"],
      [types.httpRoute, "landing-unclaimed"],
      [types.earlier, "certificate"],
    ]);
    for (const { type, parent } of deployment.resources)
      if (type.startsWith("kubernetes:")) assert.deepEqual(parent, ["https-edge:index:Landing", "landing"]);
  });

  it("stands on every apex and every wildcard, for HTTPS only", () => {
    const policy = allowing(answer(deployment, "apex").page);
    assert.deepEqual(inputsOf(deployment, "apex"), route("apex", ["example.com", "example.org"], found(policy)));
    assert.deepEqual(
      inputsOf(deployment, "unclaimed"),
      route("unclaimed", ["*.example.com", "*.example.org"], missing(policy)),
    );
  });

  it("has further routes for more than sixteen domains, with the same answers", async () => {
    const domains = Array.from({ length: 17 }, (_, index) => `d${index}.example.com`);
    const many = await run({}, {}, domains);
    assert.deepEqual(
      many.list.filter(([type]) => type !== types.earlier),
      [
        ["https-edge:index:Landing", "landing"],
        [types.filter, "landing-apex"],
        [types.filter, "landing-unclaimed"],
        ...["apex", "apex-2", "unclaimed", "unclaimed-2"].map((name) => [types.httpRoute, `landing-${name}`]),
      ],
    );
    const wildcards = domains.map((domain) => `*.${domain}`);
    const policy = allowing(answer(many, "apex").page);
    for (const [which, hosts, rules] of [
      ["apex", domains, found(policy)],
      ["unclaimed", wildcards, missing(policy)],
    ] as const) {
      assert.deepEqual(inputsOf(many, which), route(which, hosts.slice(0, 16), rules));
      assert.deepEqual(inputsOf(many, `${which}-2`), route(`${which}-2`, hosts.slice(16), rules));
    }
  });

  for (const [which, statusCode, title, text] of [
    ["apex", 200, "It works", "HTTPS is up. Attach an HTTPRoute to serve something here."],
    ["unclaimed", 404, "Nothing here", "Nothing is served at this address."],
  ] as const) {
    it(`answers ${statusCode} for the ${which}, from the proxies themselves`, () => {
      const { object, response, body, page } = answer(deployment, which);
      assert.deepEqual(object, {
        apiVersion: "gateway.envoyproxy.io/v1alpha1",
        kind: "HTTPRouteFilter",
        metadata: { name: `landing-${which}`, namespace: "envoy-gateway", labels },
      });
      assert.deepEqual(response, { contentType: "text/html; charset=utf-8", statusCode });
      assert.deepEqual(body, { type: "Inline", inline: undefined });
      assert.match(page, /^<!doctype html>\n<html lang="en">\n<meta charset="utf-8">/);
      const heading = statusCode === 404 ? `<small>404</small> ${title}` : title;
      assert.ok(page.includes(`<title>${title}</title>`) && page.includes(`<h1>${heading}</h1>\n<p>${text}</p>`));
      assert.ok(page.includes('<meta name="robots" content="noindex">'));
    });
  }

  it("says what it is told on the apex, as text and not as HTML or an operator of Envoy's", async () => {
    const told = await run({ title: `<b>"A" & 'B'</b>`, text: "100 %REQ(Cookie)%" });
    const { page } = answer(told, "apex");
    assert.ok(page.includes("<h1>&#60;b&#62;&#34;A&#34; &#38; &#39;B&#39;&#60;/b&#62;</h1>"));
    assert.ok(page.includes("<p>100 &#37;REQ(Cookie)&#37;</p>"));
    assert.equal(answer(told, "unclaimed").page, answer(deployment, "unclaimed").page);
  });

  it("has pages of one style, which is allowed by its digest", () => {
    assert.equal(allowing(answer(deployment, "apex").page), allowing(answer(deployment, "unclaimed").page));
  });

  it("has no percent sign in its pages, which Envoy would read", () => {
    for (const which of ["apex", "unclaimed"]) assert.doesNotMatch(answer(deployment, which).page, /%/);
  });

  for (const [set, most] of [
    ["guide", 4_096],
    ["current", 524_288],
  ] as const) {
    it(`has at most ${most} bytes with the set ${set}, frame and escapes included`, async () => {
      const frame = Buffer.byteLength(answer(await run({ title: "ü", text: "" }), "apex").page) - 4;
      // Five bytes each in the page.
      const title = "<".repeat(Math.floor((most - frame) / 10));
      const text = "a".repeat(most - frame - title.length * 10);
      const versions = versionSets[set];
      assert.equal(checkLanding({ title, text }, versions), undefined);
      assert.equal(
        checkLanding({ title, text: `${text}a` }, versions),
        `must make a page of at most ${most} bytes with Envoy Gateway ${versions.envoyGateway}, got ${most + 1} (shorten landing.title or landing.text)`,
      );
    });
  }

  it("has its routes wait for the certificates, without which none is accepted", async () => {
    const { beforeRelease } = await run({}, { hold: ({ type }) => type === types.earlier });
    assert.deepEqual(
      beforeRelease.filter(([type]) => type === types.httpRoute),
      [],
    );
  });

  it("has unclaimed hosts answer as the apex does when told to, though no search engine is to list them", async () => {
    const both = await run({ status: 200, noindex: false });
    const { page } = answer(both, "apex");
    assert.ok(!page.includes("robots"));
    assert.deepEqual(
      inputsOf(both, "apex"),
      route("apex", ["example.com", "example.org"], found(allowing(page), false)),
    );
    assert.deepEqual(
      inputsOf(both, "unclaimed"),
      route("unclaimed", ["*.example.com", "*.example.org"], found(allowing(page))),
    );
  });

  describe("of somebody's own", () => {
    const directory = mkdtempSync(join(tmpdir(), "landing-"));
    after(() => rmSync(directory, { recursive: true }));
    const file = (name: string, content: string): string => {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    };
    const small = file("small.html", "<h1 style='width: 50%'>Ours</h1>\n");

    it("is what the proxies answer, everywhere, as long as they can hold it", async () => {
      const own = await run({ page: small });
      for (const [which, statusCode] of [
        ["apex", 200],
        ["unclaimed", 404],
      ] as const) {
        const { response, page } = answer(own, which);
        assert.deepEqual(response, { contentType: "text/html; charset=utf-8", statusCode });
        assert.equal(page, "<h1 style='width: 50%%'>Ours</h1>\n");
      }
      assert.deepEqual(inputsOf(own, "apex"), route("apex", ["example.com", "example.org"], found(ownPolicy, false)));
      assert.deepEqual(
        inputsOf(own, "unclaimed"),
        route("unclaimed", ["*.example.com", "*.example.org"], missing(ownPolicy)),
      );
    });

    it("is passed to Envoy Gateway 1.3 as it is, which reads no operators", async () => {
      const own = await run({ page: small }, {}, undefined, versionSets.guide);
      assert.equal(answer(own, "apex").page, "<h1 style='width: 50%'>Ours</h1>\n");
    });

    it("may be listed or not, and load what it says", async () => {
      const own = await run({ page: small, noindex: true, contentSecurityPolicy: "img-src https://cdn.example/a%20b" });
      assert.deepEqual(
        inputsOf(own, "apex"),
        route("apex", ["example.com", "example.org"], found("img-src https://cdn.example/a%%20b")),
      );
    });

    it("has a server when the proxies cannot hold it, or when it is a folder", async () => {
      const large = file("large.html", `<p>${"a".repeat(4_096)}</p>`);
      const direct = await run({ page: large });
      assert.equal(direct.only(types.filter, "landing-apex").type, types.filter);
      const served = await run({ page: large }, {}, undefined, versionSets.guide);
      assert.deepEqual(served.list, [
        ["https-edge:index:Landing", "landing"],
        [types.deployment, "landing"],
        [types.configMap, "landing"],
        [types.service, "landing"],
        [types.httpRoute, "landing-apex"],
        [types.httpRoute, "landing-unclaimed"],
        [types.networkPolicy, "landing"],
        [types.podDisruptionBudget, "landing"],
        [types.earlier, "certificate"],
      ]);
      const rule = (noindex: boolean, port: number) => ({
        filters: [secured(ownPolicy, noindex)],
        backendRefs: [{ name: "landing", port }],
      });
      const hosts = ["example.com", "example.org"];
      assert.deepEqual(inputsOf(served, "apex"), route("apex", hosts, [rule(false, 80)]));
      const wildcards = ["*.example.com", "*.example.org"];
      assert.deepEqual(inputsOf(served, "unclaimed"), route("unclaimed", wildcards, [rule(true, 81)]));
      const both = await run({ page: large, status: 200 }, {}, undefined, versionSets.guide);
      assert.deepEqual(inputsOf(both, "unclaimed"), route("unclaimed", wildcards, [rule(true, 80)]));
    });

    for (const held of ["deployment", "service"] as const)
      it(`has its routes wait for the server's ${held}`, async () => {
        writeFileSync(join(directory, "index.html"), "<p>folder</p>");
        const { beforeRelease } = await run({ folder: directory }, { hold: ({ type }) => type === types[held] });
        assert.deepEqual(
          beforeRelease.filter(([type]) => type === types.httpRoute),
          [],
        );
      });

    for (const [what, landing, problem] of [
      [
        "a file that is not there",
        { page: "nowhere.html" },
        'page must be an HTML file, got "nowhere.html" (there is none; a path is taken from the folder that the program runs in)',
      ],
      [
        "two of them",
        { page: small, folder: directory },
        `folder must be left out with landing.page, got "${directory}" (put the page there as index.html)`,
      ],
      [
        "a title for it",
        { page: small, title: "Hello" },
        'title must be left out with landing.page, got "Hello" (write it into your page)',
      ],
      [
        "a policy without it",
        { contentSecurityPolicy: "default-src 'self'" },
        "contentSecurityPolicy must come with landing.page or landing.folder, got it alone (the default page has its own)",
      ],
      [
        "a policy that no header holds",
        { page: small, contentSecurityPolicy: "default-src 'self', img-src *" },
        "contentSecurityPolicy must be directives such as default-src 'self'; img-src *, got \"default-src 'self', img-src *\" (\";\" stands between them, blanks between their sources; no commas and no line breaks)",
      ],
      ["another status", { status: 500 }, "status must be 404 or 200, got 500 (set one of these, or leave it out)"],
    ] as const)
      it(`refuses ${what}`, () => assert.deepEqual(problemsOf(landing), [problem]));
  });
});
