import assert from "node:assert/strict";
import { until } from "../../lab";
import { type RenewOptions, renew } from "../../operations/renew";
import { kubeconfig, put, requests, stand, standingAt } from "../support/cluster";
import { fails, saying } from "../support/command";
import { FakePulumi } from "../support/pulumi";
import { owner, secret, stateOf } from "../support/stackState";
import { ends, healthyEdge, no } from "../support/standingEdge";

const path = "/apis/cert-manager.io/v1/namespaces/envoy-gateway/certificates/wildcard-example-com";

describe("https-edge renew", () => {
  let pulumi: FakePulumi;
  beforeEach(async () => {
    pulumi = new FakePulumi(stateOf({ kubeconfig: secret(await kubeconfig()) }));
    stand();
    const { gateway, chain } = healthyEdge();
    put("/apis/gateway.networking.k8s.io/v1/namespaces/envoy-gateway/gateways/eg", {
      ...gateway,
      metadata: { ...gateway.metadata, labels: { "https-edge/stack": owner } },
    });
    const [certificate] = chain.certificates;
    put(path, { ...certificate, status: { ...certificate?.status, revision: 1 } });
  });
  afterEach(() => {
    pulumi.remove();
    stand();
  });

  const run = (options: Partial<RenewOptions> = {}) =>
    saying(() => renew({ stack: "prod", yes: true, domains: [], timeout: 20, ...options }));

  const patches = () => requests().filter((request) => request.startsWith("PATCH"));

  /** What cert-manager makes of it once it is asked. */
  const answer = async (status: object): Promise<void> => {
    await until("the issuance", async () => patches().length === 1);
    const certificate = standingAt(path) as { status: object };
    put(path, { ...certificate, status: { ...certificate.status, ...status } });
  };
  const ready = [{ type: "Ready", status: "True", observedGeneration: 1 }];

  it("begins an issuance, and ends when the new certificate stands", async () => {
    const later = "2027-02-26T12:00:00Z";
    const [{ code, said }] = await Promise.all([run(), answer({ revision: 2, notAfter: later, conditions: ready })]);
    assert.equal(code, 0, said);
    assert.deepEqual(patches(), [`PATCH ${path}/status`]);
    const [first, ...rest] = said.split("\n");
    const name = "Certificate envoy-gateway/wildcard-example-com";
    assert.equal(first, `${name}: stands until ${ends}, issued by ClusterIssuer letsencrypt-prod`);
    assert.equal(rest.at(-1), `${name}: issued, stands until ${later}`);
  });

  it("tells why none was issued, and that the one before serves on", async () => {
    const conditions = [...ready, ...no("Issuing", "Failed", "The order is invalid")];
    const failed = { conditions, failedIssuanceAttempts: 1, lastFailureTime: "2026-11-28T12:00:00Z" };
    const [{ code, said }] = await Promise.all([run(), answer(failed)]);
    assert.equal(code, 22);
    assert.match(said, /must be issued, got Failed: The order is invalid \(what stood before serves on;/);
  });

  it("tells the same as JSON", async () => {
    const conditions = { conditions: ready, revision: 2 };
    const [{ said }] = await Promise.all([run({ json: true, domains: ["example.com"] }), answer(conditions)]);
    assert.deepEqual(JSON.parse(said), {
      certificates: [{ certificate: "envoy-gateway/wildcard-example-com", notAfter: ends }],
    });
  });

  it("asks first, and knows the names that certificates are for", async () => {
    await fails(run({ yes: false }), 2, /^--yes must be given where nobody can be asked/);
    await fails(run({ domains: ["example.org"] }), 2, /got example\.org \(there are example\.com, \*\.example\.com\)$/);
    assert.deepEqual(patches(), []);
  });

  it("does not ask Let's Encrypt's production for a sixth certificate in a week, unless it is forced to", async () => {
    const certificate = standingAt(path) as { metadata: { uid: string } };
    for (const hours of [1, 2, 3, 4, 5])
      put(`${path.replace(/certificates\/.*/, "certificaterequests/")}${hours}`, {
        metadata: {
          name: `${hours}`,
          ownerReferences: [{ uid: certificate.metadata.uid }],
          creationTimestamp: new Date(Date.now() - hours * 3_600_000).toISOString(),
        },
        spec: { issuerRef: { kind: "ClusterIssuer", name: "letsencrypt-prod" } },
        status: { conditions: [{ type: "Ready", status: "True" }] },
      });
    const [issuer] = healthyEdge().issuers;
    put("/apis/cert-manager.io/v1/clusterissuers/letsencrypt-prod", issuer ?? {});
    await fails(
      run(),
      22,
      /^Let's Encrypt's production must not be asked before \S+ \S+ UTC, got 5 certificates for example\.com, \*\.example\.com in seven days \(.*; Certificate wildcard-example-com serves on; --force asks all the same\)$/,
    );
    assert.deepEqual(patches(), []);
    const [{ code, said }] = await Promise.all([run({ force: true }), answer({ revision: 2, conditions: ready })]);
    assert.equal(code, 0, said);
  });
});
