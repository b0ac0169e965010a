import assert from "node:assert/strict";
import type { LandingArgs } from "../components";
import { checkLanding, Landing } from "../components/landing";
import { versionSets } from "../components/rules/versions";
import { accepted, type Deployment, deploy, Earlier, types, type World } from "./support/deploy";
import { labels, listener } from "./support/names";

const parentRef = { name: "eg", namespace: "envoy-gateway", sectionName: "https" };
const run = (args: LandingArgs = {}, world: World = {}, domains?: string[]): Promise<Deployment> =>
  deploy(
    () => new Landing("landing", { ...args, listener: listener("https", [new Earlier("certificate")], domains) }, {}),
    world,
  );

const route = (which: string, hostnames: string[], name = which) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: `landing-${name}`, namespace: "envoy-gateway", labels, annotations: accepted },
  spec: {
    parentRefs: [parentRef],
    hostnames,
    rules: [
      {
        filters: [
          {
            type: "ExtensionRef",
            extensionRef: { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", name: `landing-${which}` },
          },
        ],
      },
    ],
  },
});

/** Inputs of an answer's filter, and its page apart. */
const answer = (deployment: Deployment, which: string) => {
  const { inputs } = deployment.only(types.filter, `landing-${which}`);
  const { spec, ...object } = inputs as { spec: { directResponse: { body: { inline: string } } } };
  const { body, ...response } = spec.directResponse;
  return { object, response, body: { ...body, inline: undefined }, page: body.inline };
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
    assert.deepEqual(
      deployment.only(types.httpRoute, "landing-apex").inputs,
      route("apex", ["example.com", "example.org"]),
    );
    assert.deepEqual(
      deployment.only(types.httpRoute, "landing-unclaimed").inputs,
      route("unclaimed", ["*.example.com", "*.example.org"]),
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
    for (const [which, hosts] of [
      ["apex", domains],
      ["unclaimed", wildcards],
    ] as const) {
      const inputs = (name: string) => many.only(types.httpRoute, `landing-${name}`).inputs;
      assert.deepEqual(inputs(which), route(which, hosts.slice(0, 16)));
      assert.deepEqual(inputs(`${which}-2`), route(which, hosts.slice(16), `${which}-2`));
    }
  });

  for (const [which, statusCode, title, text] of [
    ["apex", 200, "It works", "HTTPS is up. Attach an HTTPRoute to serve something here."],
    ["unclaimed", 404, "Nothing here", "No application has claimed this name."],
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
      assert.ok(page.includes(`<title>${title}</title>`) && page.includes(`<h1>${title}</h1>\n<p>${text}</p>`));
    });
  }

  it("says what it is told on the apex, as text and not as HTML or an operator of Envoy's", async () => {
    const told = await run({ title: `<b>"A" & 'B'</b>`, text: "100 %REQ(Cookie)%" });
    const { page } = answer(told, "apex");
    assert.ok(page.includes("<h1>&#60;b&#62;&#34;A&#34; &#38; &#39;B&#39;&#60;/b&#62;</h1>"));
    assert.ok(page.includes("<p>100 &#37;REQ(Cookie)&#37;</p>"));
    assert.equal(answer(told, "unclaimed").page, answer(deployment, "unclaimed").page);
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
});
