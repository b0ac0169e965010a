import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type VerifyOptions, verify } from "../../operations/verify";
import { kubeconfig, kubeconfigFor, put, requests, stand } from "../support/cluster";
import { fails, saying } from "../support/command";
import { serve, serveRedirect } from "../support/https";
import { FakePulumi } from "../support/pulumi";
import { owner, secret, stateOf } from "../support/stackState";
import { gatewayPath, standEdge } from "../support/standEdge";
import { healthyEdge } from "../support/standingEdge";

describe("https-edge verify", () => {
  let pulumi: FakePulumi;
  let secured: SecureServer;
  let plain: Server;
  let ports: { http: number; https: number };
  let ends: string;
  before(async () => {
    const served = await serve("example.com", "*.example.com");
    secured = served.server;
    ends = served.ends;
    const redirect = await serveRedirect();
    plain = redirect.server;
    ports = { https: served.port, http: redirect.port };
  });
  after(() => {
    secured.close();
    plain.close();
  });
  beforeEach(async () => {
    pulumi = new FakePulumi(stateOf({ kubeconfig: secret(await kubeconfig()) }));
    standEdge(ends);
  });
  afterEach(() => {
    pulumi.remove();
    stand();
  });

  const resolver = { resolve4: async () => ["127.0.0.1"], resolve6: async () => [] };

  const run = (options: Partial<VerifyOptions> = {}) =>
    saying(() => verify({ stack: "prod", ...options }, { ports, resolver }));

  it("finds the stack's edge by its label, says in a line what each thing is, and changes nothing", async () => {
    const { code, said } = await run();
    assert.equal(code, 0, said);
    assert.match(said, /^Gateway envoy-gateway\/eg in cluster test at http:\S+\n/);
    assert.match(said, /✔ https +https:\/\/whoami\.example\.com: 404 by HTTP\/1\.1, certificate of test, which this/);
    assert.match(
      said,
      /✔ redirect +http:\/\/example\.com at 127\.0\.0\.1: 301 to https:\/\/example\.com\/path\?query\n/,
    );
    assert.match(said, /\nIt serves: 20 checks\.$/);
    assert.ok(requests().every((request) => request.startsWith("GET ")));
  });

  it("ends with a code of its own when something fails, and tells the next command", async () => {
    const { gateway } = healthyEdge();
    put(gatewayPath, {
      ...gateway,
      metadata: { ...gateway.metadata, labels: { "https-edge/stack": owner } },
      status: {},
    });
    const { code, said } = await run();
    assert.equal(code, 22);
    assert.match(
      said,
      /✘ gateway +Gateway envoy-gateway\/eg: not Accepted yet\n +kubectl describe gateway eg -n envoy-gateway\n/,
    );
  });

  it("tells the same as JSON", async () => {
    const { said } = await run({ json: true });
    const { edges } = JSON.parse(said);
    assert.equal(edges.length, 1);
    assert.deepEqual([edges[0].gateway, edges[0].serves], ["envoy-gateway/eg", true]);
    assert.deepEqual(edges[0].checks[2], {
      check: "proxies",
      subject: "Deployment envoy-gateway-system/envoy-eg",
      result: "ok",
      found: "2 of 2 pods available",
    });
  });

  it("reads no stack for an edge that was made by hand", async () => {
    const file = pulumi.write("kubeconfig", await kubeconfig());
    put(gatewayPath, { ...healthyEdge().gateway });
    const { said } = await run({ gateway: "envoy-gateway/eg", kubeconfig: file });
    assert.match(said, /^Gateway envoy-gateway\/eg in cluster test/);
    assert.deepEqual(pulumi.calls, []);
  });

  it("says what is wrong with how it is called", async () => {
    const file = pulumi.write("kubeconfig", await kubeconfig());
    await fails(run({ gateway: "eg" }), 2, /^--gateway must be namespace\/name, got "eg"/);
    await fails(
      run({ gateway: "shop/shop", kubeconfig: file }),
      21,
      /^--gateway must be one that stands .* got shop\/shop/,
    );
    await fails(
      run({ caFile: "/nowhere.pem" }),
      2,
      /^--ca-file must be a file of certificates as PEM, got \/nowhere\.pem: ENOENT/,
    );
    const directory = mkdtempSync(join(tmpdir(), "roots-"));
    writeFileSync(join(directory, "roots.pem"), "none");
    await fails(run({ caFile: join(directory, "roots.pem") }), 2, /roots\.pem: no certificate in it$/);
    rmSync(directory, { recursive: true });
  });

  it("says so when the stack holds no edge, and when the cluster does not answer", async () => {
    pulumi.write("state", "{}");
    await fails(run({}), 21, /^the stack must hold an edge that stands in a cluster, got none/);
    pulumi.write("state", JSON.stringify(stateOf({ kubeconfig: secret(kubeconfigFor(1)) })));
    await fails(run({}), 21, /^cluster test at http:\/\/127\.0\.0\.1:1 must answer, got connect ECONNREFUSED/);
  });
});
