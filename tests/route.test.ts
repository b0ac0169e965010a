import assert from "node:assert/strict";
import { HttpsRoute, type HttpsRouteArgs } from "../components";
import { accepted, type Deployment, deploy, Earlier, types, type World } from "./support/deploy";
import { labels, listener } from "./support/names";

let part: HttpsRoute;
const backendRefs = [{ name: "shop", port: 80 }];
const good = { namespace: "shop", hostnames: ["shop.example.com"], rules: [{ backendRefs }] };
const run = (args: Partial<HttpsRouteArgs> = {}, world: World = {}, name = "shop"): Promise<Deployment> =>
  deploy(() => {
    part = new HttpsRoute(name, { listener: listener("https", [new Earlier("certificate")]), ...good, ...args });
  }, world);

const prefix = (value: string) => ({ matches: [{ path: { type: "PathPrefix", value } }] });

describe("HttpsRoute", () => {
  it("is an HTTPRoute on the HTTPS listener, accepted and with its Services found", async () => {
    const deployment = await run();
    assert.deepEqual(deployment.list, [
      ["https-edge:index:HttpsRoute", "shop"],
      [types.httpRoute, "shop"],
      [types.earlier, "certificate"],
    ]);
    const { inputs, parent, options } = deployment.only(types.httpRoute);
    assert.deepEqual(inputs, {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "shop", namespace: "shop", labels, annotations: accepted },
      spec: {
        parentRefs: [{ name: "eg", namespace: "envoy-gateway", sectionName: "https" }],
        hostnames: ["shop.example.com"],
        rules: [{ ...prefix("/"), backendRefs }],
      },
    });
    assert.deepEqual(parent, ["https-edge:index:HttpsRoute", "shop"]);
    assert.equal(options.timeout, "5m");
    assert.deepEqual(part.urls, ["https://shop.example.com"]);
  });

  it("splits paths among backends, by weight, each with its timeouts", async () => {
    const canary = [
      { name: "shop", port: 80, weight: 9 },
      { name: "shop-next", port: 8080, weight: 1 },
    ];
    const timeouts = { request: "1m", backendRequest: "20s" };
    const deployment = await run({
      hostnames: ["example.com", "shop.example.org"],
      rules: [
        { path: "/api", backendRefs: canary, timeouts },
        { path: "/", backendRefs },
      ],
    });
    assert.deepEqual((deployment.only(types.httpRoute).inputs.spec as { rules: object }).rules, [
      { ...prefix("/api"), backendRefs: canary, timeouts },
      { ...prefix("/"), backendRefs },
    ]);
  });

  it("waits for what the listener needs", async () => {
    const { beforeRelease } = await run({}, { hold: ({ type }) => type === types.earlier });
    assert.deepEqual(
      beforeRelease.filter(([type]) => type === types.httpRoute),
      [],
    );
  });

  it("reports every problem at once, before anything is registered", async () => {
    const made: string[] = [];
    const outputs = ({ name }: { name: string }) => ({ order: made.push(name) });
    const rules = [
      { backendRefs: [{ name: "shop", port: 0, weight: -1 }] },
      { path: "api", backendRefs: [], timeouts: { request: "soon" } },
      { path: "/", backendRefs: [{ name: "shop", port: 80, weight: 0 }] },
    ];
    await assert.rejects(run({ hostnames: ["a.b.example.com"], rules }, { outputs }, "Shop"), (error: Error) => {
      assert.deepEqual(
        error.message.split("\n").map((line) => line.trim().split(" must ")[0]),
        [
          "9 settings are wrong; nothing was changed:",
          "name",
          "hostnames",
          "rules[0].backendRefs[0].port",
          "rules[0].backendRefs[0].weight",
          "rules[1].path",
          "rules[1].backendRefs",
          "rules[1].timeouts.request",
          "rules[2].path",
          "rules[2].backendRefs",
        ],
      );
      return true;
    });
    assert.deepEqual(made, []);
  });
});
