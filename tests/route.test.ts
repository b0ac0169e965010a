import assert from "node:assert/strict";
import { HttpsRoute, type HttpsRouteArgs } from "../components";
import { accepted, type Deployment, deploy, Earlier, types, type World } from "./support/deploy";
import { labels as edgeLabels, instance, listener } from "./support/names";

const labels = { ...edgeLabels, ...instance };

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

  describe("with more hosts than an HTTPRoute takes", () => {
    const hosts = (count: number) => Array.from({ length: count }, (_, index) => `h${index}.example.com`);
    const hostnames = ({ inputs }: { inputs: Record<string, unknown> }) =>
      (inputs.spec as { hostnames: string[] }).hostnames;

    it("is several, alike but for their names and hosts", async () => {
      const deployment = await run({ hostnames: hosts(40), name: "store" });
      assert.deepEqual(
        deployment.list.filter(([type]) => type === types.httpRoute),
        ["shop", "shop-2", "shop-3"].map((name) => [types.httpRoute, name]),
      );
      for (const [name, metadataName, first, last] of [
        ["shop", "store", 0, 16],
        ["shop-2", "store-2", 16, 32],
        ["shop-3", "store-3", 32, 40],
      ] as const) {
        const { inputs, parent } = deployment.only(types.httpRoute, name);
        assert.deepEqual(inputs, {
          apiVersion: "gateway.networking.k8s.io/v1",
          kind: "HTTPRoute",
          metadata: { name: metadataName, namespace: "shop", labels, annotations: accepted },
          spec: {
            parentRefs: [{ name: "eg", namespace: "envoy-gateway", sectionName: "https" }],
            hostnames: hosts(40).slice(first, last),
            rules: [{ ...prefix("/"), backendRefs }],
          },
        });
        assert.deepEqual(parent, ["https-edge:index:HttpsRoute", "shop"]);
      }
      assert.equal(part.urls.length, 40);
    });

    it("is one for sixteen, and a further host touches the last alone", async () => {
      const routes = async (count: number) =>
        (await run({ hostnames: hosts(count) })).resources.filter(({ type }) => type === types.httpRoute);
      const [sixteen, seventeen, eighteen] = [await routes(16), await routes(17), await routes(18)];
      assert.deepEqual([sixteen.length, seventeen.length, eighteen.length], [1, 2, 2]);
      assert.deepEqual(seventeen[0], sixteen[0]);
      assert.deepEqual(eighteen[0], sixteen[0]);
      assert.deepEqual(eighteen.slice(1).map(hostnames), [["h16.example.com", "h17.example.com"]]);
    });

    it("changes one route after the other, so that a host that moves up is never without one", async () => {
      const { beforeRelease } = await run(
        { hostnames: hosts(40) },
        { hold: ({ type, name }) => type === types.httpRoute && name === "shop-2" },
      );
      assert.deepEqual(
        beforeRelease.filter(([type]) => type === types.httpRoute).map(([, name]) => name),
        ["shop", "shop-2"],
      );
    });
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
