import assert from "node:assert/strict";
import type { Server } from "node:https";
import { loadAll } from "js-yaml";
import { until } from "../../lab";
import { type AddHostOptions, addHost } from "../../operations/addHost";
import { kubeconfig, put, refuse, requests, stand, standingAt, take } from "../support/cluster";
import { fails, saying } from "../support/command";
import { serve } from "../support/https";
import { FakePulumi } from "../support/pulumi";
import { secret, stateOf } from "../support/stackState";
import { gatewayPath, standEdge } from "../support/standEdge";
import { healthyEdge, no } from "../support/standingEdge";

const routes = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes";
const path = `${routes}/web`;
const parentRefs = [{ name: "eg", namespace: "envoy-gateway", sectionName: "https" }];
const route = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "web", namespace: "shop" },
  spec: { parentRefs, hostnames: ["shop.example.com"], rules: [{ backendRefs: [{ name: "web", port: 80 }] }] },
};
const label = { "https-edge/eg": "attach" };

describe("https-edge add-host", () => {
  let pulumi: FakePulumi;
  let server: Server;
  let port: number;
  let ends: string;
  before(async () => {
    ({ server, port, ends } = await serve("example.com", "*.example.com"));
  });
  after(() => server.close());
  beforeEach(async () => {
    pulumi = new FakePulumi(stateOf({ kubeconfig: secret(await kubeconfig()) }));
    standEdge(ends);
    admits({ from: "Selector", selector: { matchLabels: label } });
    put("/api/v1/namespaces/shop", { metadata: { name: "shop", labels: { team: "shop" } } });
    put("/api/v1/namespaces/shop/services/web", { spec: { ports: [{ port: 80 }] } });
    put("/api/v1/namespaces/shop/services/api", { spec: { ports: [{ port: 80 }, { port: 8080 }] } });
  });
  afterEach(() => {
    pulumi.remove();
    stand();
  });

  /** Gives the listener of HTTPS such a door. */
  const admits = (namespaces: object): void => {
    const gateway = standingAt(gatewayPath) as ReturnType<typeof healthyEdge>["gateway"];
    const listeners = gateway.spec.listeners.map((each) =>
      each.name === "https" ? { ...each, allowedRoutes: { namespaces } } : each,
    );
    put(gatewayPath, { ...gateway, spec: { ...gateway.spec, listeners } });
  };
  const run = (options: Partial<AddHostOptions> = {}) =>
    saying(() =>
      addHost(
        { stack: "prod", host: "shop.example.com", service: "shop/web", yes: true, timeout: 10, ...options },
        port,
      ),
    );
  const changes = () => requests().filter((request) => !request.startsWith("GET"));
  const labels = () => (standingAt("/api/v1/namespaces/shop") as { metadata: { labels: object } }).metadata.labels;

  /** What Envoy Gateway makes of the route once it is there. */
  const answer = async (conditions: object[]): Promise<void> => {
    await until("the route", async () => standingAt(path) !== undefined);
    const parents = [{ parentRef: parentRefs[0], conditions }];
    const { metadata, ...made } = standingAt(path) as typeof route;
    put(path, { ...made, metadata: { ...metadata, generation: 1 }, status: { parents } });
  };
  const accepted = ["Accepted", "ResolvedRefs"].map((type) => ({ type, status: "True" }));

  it("labels the namespace, makes the route, and ends when the host is answered", async () => {
    const [{ code, said }] = await Promise.all([run(), answer(accepted)]);
    assert.equal(code, 0, said);
    assert.deepEqual(labels(), { team: "shop", ...label });
    const { spec, metadata } = standingAt(path) as typeof route;
    assert.deepEqual([spec, metadata], [route.spec, { ...route.metadata, generation: 1 }]);
    const lines = said.split("\n");
    assert.deepEqual(lines.slice(0, 2), [
      "Namespace shop gets the label https-edge/eg=attach, with which it may attach routes.",
      "HTTPRoute shop/web leads https://shop.example.com to web:80.",
    ]);
    assert.equal(lines.at(-1), "https://shop.example.com is served at 127.0.0.1.");
  });

  it("takes the listener that is most particular about the host, and the name and port that are asked for", async () => {
    const gateway = standingAt(gatewayPath) as ReturnType<typeof healthyEdge>["gateway"];
    const [plain, secure] = gateway.spec.listeners;
    const listeners = [plain, secure, { ...secure, name: "own", hostname: "shop.example.com" }];
    put(gatewayPath, { ...gateway, spec: { ...gateway.spec, listeners } });
    admits({ from: "All" });
    const { said } = await run({ print: true, service: "shop/api:8080", name: "storefront" });
    assert.deepEqual(loadAll(said), [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: label } },
      {
        ...route,
        metadata: { name: "storefront", namespace: "shop" },
        spec: {
          parentRefs: [{ ...parentRefs[0], sectionName: "own" }],
          hostnames: ["shop.example.com"],
          rules: [{ backendRefs: [{ name: "api", port: 8080 }] }],
        },
      },
    ]);
    assert.deepEqual(changes(), []);
  });

  it("leaves the namespace as it was when the API server refuses the route", async () => {
    refuse(routes, "spec.hostnames must be hosts that namespace shop holds (none)");
    await fails(run(), 20, /^spec\.hostnames must be hosts that namespace shop holds \(none\)$/);
    assert.deepEqual(labels(), { team: "shop", "https-edge/eg": null });
    assert.equal(standingAt(path), undefined);
  });

  it("tells what the controller has against the route, and how to take it away", async () => {
    const [{ code, said }] = await Promise.all([
      run({ timeout: 2 }),
      answer([...accepted.slice(0, 1), ...no("ResolvedRefs", "BackendNotFound", "Service web not found")]),
    ]);
    assert.equal(code, 22);
    assert.match(said, /\n {2}BackendNotFound: Service web not found$/);
  });

  for (const [what, options, code, message] of [
    [
      "a host of no domain",
      { host: "shop.example.org" },
      2,
      /^the host must be a domain of the edge .*"shop\.example\.org"/,
    ],
    [
      "a host that a route serves",
      { host: "whoami.example.com" },
      20,
      /^the host must be free, got whoami\.example\.com, which HTTPRoute whoami\/whoami serves/,
    ],
    [
      "a Service that is not there",
      { service: "shop/none" },
      2,
      /^--service must name a Service that stands, got shop\/none/,
    ],
    [
      "a Service without its namespace",
      { service: "web" },
      2,
      /^--service must be namespace\/name or namespace\/name:port, got "web"/,
    ],
    [
      "a port that the Service lacks",
      { service: "shop/web:81" },
      2,
      /^--service must name a port of Service shop\/web, got 81 \(it has 80\)/,
    ],
    ["none of a Service's several ports", { service: "shop/api" }, 2, /got none \(it has 80, 8080\)/],
    ["nobody to be asked", { yes: false }, 2, /^--yes must be given/],
  ] as const) {
    it(`refuses ${what}, before anything is changed`, async () => {
      await fails(run(options), code, message);
      assert.deepEqual(changes(), []);
    });
  }

  it("refuses a route of that name, and a namespace that the listener takes none from", async () => {
    const { routes: standing } = healthyEdge();
    const [other] = standing;
    put(path, { ...other, metadata: { ...other?.metadata, name: "web", namespace: "shop" }, spec: { parentRefs } });
    await fails(run(), 20, /^the HTTPRoute must be new, got shop\/web, which is there/);
    take(path);
    admits({ from: "Same" });
    await fails(
      run(),
      22,
      /^the Service must be in namespace envoy-gateway, from which alone listener https takes routes, got shop$/,
    );
  });
});
