import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type DoctorOptions, doctor } from "../../operations/doctor";
import type { Lookup } from "../../operations/doctor/domains";
import { kubeconfig, put, putText, refuse, requests, stand, take } from "../support/cluster";
import { fails, saying } from "../support/command";
import { domainLookup } from "../support/domainLookup";
import { serve, serveRedirect } from "../support/https";
import { FakePulumi } from "../support/pulumi";
import { secret, stateOf } from "../support/stackState";
import { namespaced, standEdge } from "../support/standEdge";
import { healthyEdge } from "../support/standingEdge";

interface Finding {
  symptom: string;
  subject: string;
  found: string;
  next: string;
}

const token = "t".repeat(40);
const nameServers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"];

describe("https-edge doctor", () => {
  let pulumi: FakePulumi;
  let secured: SecureServer;
  let plain: Server;
  let cloudflare: Server;
  let ports: { http: number; https: number };
  let ends: string;
  /** What Cloudflare answers by path: a status, and a body. */
  let answers: Record<string, [number, object]>;
  before(async () => {
    const served = await serve("example.com", "*.example.com");
    secured = served.server;
    ends = served.ends;
    const redirect = await serveRedirect();
    plain = redirect.server;
    cloudflare = createServer(({ url = "", headers }, response) => {
      const [path = ""] = url.split("?");
      const isKnown = headers.authorization === `Bearer ${token}`;
      const [status, body] = isKnown ? (answers[url] ?? answers[path] ?? [404, {}]) : [400, {}];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await once(cloudflare, "listening");
    ports = { https: served.port, http: redirect.port };
    process.env.CLOUDFLARE_BASE_URL = `http://127.0.0.1:${(cloudflare.address() as AddressInfo).port}`;
  });
  after(() => {
    delete process.env.CLOUDFLARE_BASE_URL;
    for (const server of [secured, plain, cloudflare]) server.close();
  });
  beforeEach(async () => {
    pulumi = new FakePulumi(stateOf({ kubeconfig: secret(await kubeconfig()) }));
    answers = {
      "/user/tokens/verify": [200, { result: { id: "1", status: "active" } }],
      "/zones": [200, { result: [{ id: "1", name: "example.com", status: "active", name_servers: nameServers }] }],
    };
    standWhole();
  });
  afterEach(() => {
    pulumi.remove();
    stand();
  });

  const leases = "/apis/coordination.k8s.io/v1";
  const issuer = "/apis/cert-manager.io/v1/clusterissuers/letsencrypt-prod";
  const tokenSecret = namespaced("/api/v1", "secrets", "cert-manager", "cloudflare-api-token");
  const encoded = (text: string) => Buffer.from(text).toString("base64");
  const tokenIs = (text: string, key = "api-token") => put(tokenSecret, { data: { [key]: encoded(text) } });

  /** Fills the cluster with an edge that serves here, and all that it stands on. */
  const standWhole = (): void => {
    standEdge(ends);
    put(issuer, {
      metadata: { name: "letsencrypt-prod", uid: "uid-of-letsencrypt-prod", generation: 1 },
      spec: {
        acme: {
          server: "https://acme-staging-v02.api.letsencrypt.org/directory",
          solvers: [
            { dns01: { cloudflare: { apiTokenSecretRef: { name: "cloudflare-api-token", key: "api-token" } } } },
          ],
        },
      },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });
    tokenIs(token);
    put(namespaced("/api/v1", "secrets", "envoy-gateway", "wildcard-example-com"), {
      metadata: { name: "wildcard-example-com", annotations: { "cert-manager.io/issuer-name": "letsencrypt-prod" } },
      data: { "tls.crt": encoded("a certificate"), "tls.key": encoded("its key") },
    });
    for (const crd of ["gateways.gateway.networking.k8s.io", "envoyproxies.gateway.envoyproxy.io"])
      put(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd}`, {
        metadata: { name: crd, uid: crd, annotations: { "gateway.networking.k8s.io/bundle-version": "v1.6.3" } },
      });
    put("/api/v1/namespaces/whoami", { metadata: { name: "whoami", uid: "whoami" } });
    put(namespaced("/api/v1", "services", "whoami", "whoami"), { metadata: { name: "whoami" } });
    put(namespaced("/apis/discovery.k8s.io/v1", "endpointslices", "whoami", "whoami-1"), {
      metadata: { name: "whoami-1", labels: { "kubernetes.io/service-name": "whoami" } },
      endpoints: [{ conditions: { ready: true } }, { conditions: { ready: false } }],
    });
    leaseOf("node-1", 0);
  };

  /** A node that renewed its Lease so many seconds ago. */
  const leaseOf = (node: string, seconds: number) =>
    put(namespaced(leases, "leases", "kube-node-lease", node), {
      metadata: { name: node, namespace: "kube-node-lease" },
      spec: { holderIdentity: node, renewTime: new Date(Date.now() - seconds * 1_000).toISOString() },
    });

  const resolver = { resolve4: async () => ["127.0.0.1"], resolve6: async () => [] };

  const run = (options: Partial<DoctorOptions> = {}, lookup: Partial<Lookup> = {}) =>
    saying(() => doctor({ stack: "prod", ...options }, { ports, resolver, lookup: domainLookup(lookup) }));

  /** Exit code, and name and words of each finding. */
  const found = async (lookup: Partial<Lookup> = {}) => {
    const { code, said } = await run({ json: true }, lookup);
    const { edges }: { edges: { findings: Finding[] }[] } = JSON.parse(said);
    assert.equal(edges.length, 1);
    const [{ findings = [] } = {}] = edges;
    return { code, findings, names: findings.map(({ symptom }) => symptom) };
  };

  it("draws what leads to what, finds nothing wrong, and changes nothing", async () => {
    const { code, said } = await run();
    assert.equal(code, 0, said);
    assert.match(said, /^Gateway envoy-gateway\/eg in cluster test at http:\S+\n/);
    assert.match(said, /✔ https:\/\/whoami\.example\.com\n/);
    assert.match(said, /[├└]─✔ Cloudflare token cert-manager\/cloudflare-api-token\n/);
    assert.match(said, /\nNothing is wrong: \d+ links looked at\.$/);
    const changing = requests().filter((request) => !request.startsWith("GET "));
    assert.deepEqual([...new Set(changing)], ["POST /apis/cert-manager.io/v1/clusterissuers?dryRun=All"]);
    assert.ok(!said.includes(token));
  });

  it("tells of what is wrong what was seen, why, the cure, the next command and the page that says so", async () => {
    tokenIs(`${token}\n`);
    const { code, said } = await run();
    assert.equal(code, 22);
    assert.match(said, /✘ Cloudflare token cert-manager\/cloudflare-api-token: it has a line break/);
    assert.match(
      said,
      /\nbroken: token-whitespace, Cloudflare token \S+\n {2}seen +\S.*\n {2}because +\S.*\n {2}cure +\S.*\n {2}next +pulumi config set .*\n {2}source +https:\S+\n\n1 finding\.$/,
    );
    assert.ok(!said.includes(token));
  });

  const atCloudflare: [string, () => void, string][] = [
    [
      "a token that is disabled",
      () => {
        answers["/user/tokens/verify"] = [200, { result: { status: "disabled" } }];
        answers["/zones"] = [403, { errors: [{ code: 1000, message: "Invalid API Token" }] }];
      },
      "token-disabled",
    ],
    [
      "a token that Cloudflare does not know",
      () => {
        answers["/user/tokens/verify"] = [401, { errors: [{ code: 1000, message: "Invalid API Token" }] }];
        answers["/zones"] = [403, { errors: [{ code: 9109, message: "Invalid access token" }] }];
      },
      "token-refused",
    ],
    [
      "a token without Zone Read",
      () => {
        answers["/zones"] = [403, { errors: [{ code: 0, message: "requires permission zone.list" }] }];
      },
      "token-zone-read",
    ],
    [
      "a token for another zone",
      () => {
        answers["/zones"] = [200, { result: [] }];
        answers["/zones?per_page=5"] = [200, { result: [{ id: "2", name: "example.org", status: "active" }] }];
      },
      "token-other-zone",
    ],
    [
      "a token that sees no zone at all",
      () => {
        answers["/zones"] = [200, { result: [] }];
      },
      "token-zone-read",
    ],
    ["the Global API Key", () => tokenIs("0123456789abcdef0123456789abcdef01234"), "token-is-api-key"],
    ["another key in the Secret", () => tokenIs(token, "token"), "token-secret-key"],
    ["no Secret", () => take(tokenSecret), "token-secret-missing"],
    [
      "a zone that is not active yet",
      () => {
        answers["/zones"] = [200, { result: [{ id: "1", name: "example.com", status: "pending" }] }];
      },
      "zone-inactive",
    ],
    ...([503, 429] as const).map((status): (typeof atCloudflare)[number] => [
      `an API that answers ${status}`,
      () => {
        const refused: (typeof answers)[string] = [status, { errors: [{ code: 10013, message: "An unknown error" }] }];
        answers = { "/zones": refused, "/user/tokens/verify": refused };
      },
      "cloudflare-silent",
    ]),
    [
      "an API that answers a page",
      () => {
        answers = {};
        process.env.CLOUDFLARE_BASE_URL = `http://127.0.0.1:${ports.http}`;
      },
      "cloudflare-silent",
    ],
  ];
  for (const [what, change, symptom] of atCloudflare)
    it(`names ${what}`, async () => {
      const before = process.env.CLOUDFLARE_BASE_URL;
      try {
        change();
        const { names } = await found();
        assert.deepEqual(names, [symptom]);
      } finally {
        process.env.CLOUDFLARE_BASE_URL = before;
      }
    });

  const inDns: [string, Partial<Lookup>, string][] = [
    [
      "a zone whose name servers refuse",
      { resolveSoa: () => Promise.reject(Object.assign(new Error("refused"), { code: "EREFUSED" })) },
      "zone-unknown",
    ],
    ["a zone that is delegated elsewhere", { resolveNs: async () => ["ns1.registrar.example"] }, "zone-not-delegated"],
    ["a CAA record of the zone", { resolveCaa: async () => [{ critical: 0, issue: "digicert.com" }] }, "caa-forbids"],
    ["an alias of the challenge's name", { resolveCname: async () => ["elsewhere.example"] }, "challenge-cname"],
    [
      "a record that an earlier challenge has left",
      { at: () => ({ resolveTxt: async () => [["an", "old one"]] }) as unknown as ReturnType<Lookup["at"]> },
      "challenge-record-stale",
    ],
  ];
  for (const [what, lookup, symptom] of inDns)
    it(`names ${what}`, async () => assert.deepEqual((await found(lookup)).names, [symptom]));

  it("names why a proxy's pod does not run, once, though nobody answers and no address is there", async () => {
    const path = namespaced("/apis/apps/v1", "deployments", "envoy-gateway-system", "envoy-eg");
    put(path, {
      metadata: {
        name: "envoy-eg",
        namespace: "envoy-gateway-system",
        uid: "uid",
        labels: {
          "gateway.envoyproxy.io/owning-gateway-name": "eg",
          "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway",
        },
      },
      spec: { replicas: 2, selector: { matchLabels: { app: "envoy-eg" } }, template: { spec: { containers: [] } } },
      status: {},
    });
    put(namespaced("/api/v1", "pods", "envoy-gateway-system", "envoy-eg-1"), {
      metadata: { name: "envoy-eg-1", namespace: "envoy-gateway-system", labels: { app: "envoy-eg" } },
      status: {
        conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/2 nodes" }],
      },
    });
    const { findings, names } = await found();
    assert.deepEqual(names, ["proxies-down"]);
    assert.equal(findings[0]?.found, "0 of 2 pods available: Unschedulable: 0/2 nodes");
  });

  it("names a webhook that the API server cannot reach, and not one whose users may make no issuers", async () => {
    const collection = "/apis/cert-manager.io/v1/clusterissuers";
    refuse(collection, 'clusterissuers.cert-manager.io is forbidden: User "me" cannot create resource');
    assert.deepEqual((await found()).names, []);
    refuse(collection, 'failed calling webhook "webhook.cert-manager.io": connect: connection refused');
    assert.deepEqual((await found()).names, ["webhook-unreachable"]);
  });

  it("names a node whose clock is ahead", async () => {
    leaseOf("node-2", -600);
    const { code, findings } = await found();
    assert.deepEqual([findings[0]?.symptom, code], ["clock-skew", 23]);
    assert.match(
      findings[0]?.found ?? "",
      /^kube-node-lease\/node-2 was renewed (599|600) s in this machine's future$/,
    );
  });

  it("names a Service without pods, and one that is not there", async () => {
    take(namespaced("/apis/discovery.k8s.io/v1", "endpointslices", "whoami", "whoami-1"));
    assert.deepEqual((await found()).names, ["backend-without-pods"]);
    take(namespaced("/api/v1", "services", "whoami", "whoami"));
    assert.deepEqual((await found()).names, ["backend-missing"]);
  });

  it("names proxies that refuse what they are sent, by their own statistics", async () => {
    put(namespaced("/api/v1", "pods", "envoy-gateway-system", "envoy-eg-1"), {
      metadata: { name: "envoy-eg-1", namespace: "envoy-gateway-system", labels: { app: "envoy-eg" } },
      status: { containerStatuses: [{ name: "envoy", ready: true }] },
    });
    const statistics = (refused: number, at: string) =>
      putText(
        "/api/v1/namespaces/envoy-gateway-system/pods/envoy-eg-1:19001/proxy/stats/prometheus",
        [
          "# TYPE envoy_listener_manager_lds_update_rejected counter",
          `envoy_listener_manager_lds_update_rejected{} ${refused}`,
          `envoy_cluster_manager_cds_update_time{} ${Date.parse(at)}`,
          "",
        ].join("\n"),
      );
    put(namespaced("/apis/gateway.networking.k8s.io/v1", "httproutes", "whoami", "whoami"), standingRoute());
    statistics(1, "2026-11-01T12:00:00Z");
    assert.deepEqual((await found()).names, ["configuration-rejected"]);
    statistics(1, "2026-11-03T12:00:00Z");
    assert.deepEqual((await found()).names, []);
  });

  /** The route, with a change of the second of November. */
  const standingRoute = () => {
    const [route] = healthyEdge().routes;
    const managedFields = [{ time: "2026-11-02T12:00:00Z" }, { time: "2026-11-04T12:00:00Z", subresource: "status" }];
    return { ...route, metadata: { ...route?.metadata, managedFields } };
  };

  it("writes the same as one page that needs nothing else", async () => {
    tokenIs(`${token}\n`);
    const file = join(pulumi.directory, "edge.html");
    await run({ html: file });
    const written = readFileSync(file, "utf8");
    assert.match(written, /<section class="broken"><h3>token-whitespace <small>broken<\/small><\/h3>/);
    assert.match(written, /<svg /);
    assert.doesNotMatch(written, /<script|<link|src=/);
    assert.ok(!written.includes(token));
  });

  it("says what is wrong with how it is called", async () => {
    await fails(run({ gateway: "eg" }), 2, /^--gateway must be namespace\/name, got "eg"/);
    await fails(run({ caFile: "/nowhere.pem" }), 2, /^--ca-file must be a file of certificates as PEM/);
  });

  describe("before a first up", () => {
    const configured = (config: object = {}) =>
      pulumi.write(
        "config",
        JSON.stringify({
          "https-edge:domains": { value: "[]", objectValue: [{ name: "www.example.com" }] },
          "cloudflare:apiToken": { value: token, secret: true },
          ...config,
        }),
      );
    const ahead = async (lookup: Partial<Lookup> = {}) => {
      const { code, said } = await run({ preflight: true, kubeconfig: await kubeconfig() }, lookup);
      return { code, said, names: [...said.matchAll(/^(?:broken|risk|note): ([a-z-]+)/gm)].map(([, name]) => name) };
    };
    beforeEach(() => {
      stand();
      put("/api/v1/nodes/node-1", { metadata: { name: "node-1" }, spec: { providerID: "aws:///eu-1a/i-1" } });
    });

    it("finds the token, the zone and the cluster fit", async () => {
      configured();
      const { code, said, names } = await ahead();
      assert.deepEqual([names, code], [[], 0], said);
      assert.match(said, /^Before the first up, in cluster test/);
      assert.match(said, /✔ zone of www\.example\.com\n/);
      assert.ok(!said.includes(token));
    });

    it("names a token that cannot read the zone, and CAA records that forbid Let's Encrypt", async () => {
      configured();
      answers["/zones"] = [200, { result: [] }];
      const { code, names } = await ahead({ resolveCaa: async () => [{ critical: 0, issue: "digicert.com" }] });
      assert.deepEqual([names, code], [["token-zone-read", "caa-forbids"], 22]);
    });

    it("lets CAA records be where another ACME server issues", async () => {
      configured({ "https-edge:acme": { value: "{}", objectValue: { server: { url: "https://ca.corp.example" } } } });
      assert.deepEqual((await ahead({ resolveCaa: async () => [{ critical: 0, issue: "corp" }] })).names, []);
    });

    it("names a cluster in which nobody gives load balancers, unless a Service has one", async () => {
      configured();
      put("/api/v1/nodes/node-1", { metadata: { name: "node-1" }, spec: {} });
      const service = namespaced("/api/v1", "services", "web", "web");
      put(service, { metadata: { name: "web", namespace: "web" }, spec: { type: "LoadBalancer" } });
      const { names, code } = await ahead();
      assert.deepEqual([names, code], [["load-balancer-unknown"], 23]);
      put(service, {
        metadata: { name: "web", namespace: "web" },
        spec: { type: "LoadBalancer" },
        status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
      });
      assert.deepEqual((await ahead()).names, []);
    });

    it("asks for domains where the stack has none", async () => {
      pulumi.write("config", "{}");
      await fails(ahead(), 2, /^https-edge:domains must name what is to be served, got none/);
    });
  });
});
