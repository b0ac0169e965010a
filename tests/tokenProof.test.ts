import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { TokenProof, type TokenProofArgs } from "../components/tokenProof";
import { put, requests, stand, standingAt, way } from "./support/cluster";
import { deploy } from "./support/deploy";
import { labels, names } from "./support/names";

const secret = "/api/v1/namespaces/cert-manager/secrets/cloudflare-api-token";
const certificates = "/apis/cert-manager.io/v1/namespaces/envoy-gateway/certificates";
const certificate = `${certificates}/prove-cloudflare-api-token`;
const [old, id] = ["0".repeat(32), "1234abcd".repeat(4)];

/** The Secret as it was before the run. */
const before = (proven?: string) => ({
  name: "cloudflare-api-token",
  uid: "s",
  ...(proven && { annotations: { "https-edge/proven": proven } }),
});

/** Runs the part for a token in a Secret that was so; cert-manager says this of the Certificate, as soon as it is there. */
const run = async (
  earlier: ReturnType<typeof before> | undefined,
  says: { type: string; status: string; reason?: string; message?: string } = { type: "Ready", status: "True" },
  { preview = false, ...args }: Partial<TokenProofArgs> & { preview?: boolean } = {},
): Promise<object | undefined> => {
  stand({ [secret]: before(earlier?.annotations?.["https-edge/proven"]) });
  let made: object | undefined;
  const certManager = setInterval(() => {
    const found = standingAt(certificate);
    if (!found || made) return;
    made = found;
    const { metadata } = found as { metadata: object };
    put(certificate, { ...found, metadata: { ...metadata, generation: 1 }, status: { conditions: [says] } });
  }, 10);
  const token = {
    id: pulumi.output(id),
    name: pulumi.output("https-edge example.com c0ffee00"),
    secret: "cloudflare-api-token",
    before: Promise.resolve(earlier),
  };
  const tokens = [{ created: token, zones: [{ name: "example.com" }] }];
  const issuerRef = { name: "letsencrypt-prod", kind: "ClusterIssuer" };
  const usual = { names, tokens, domains: ["example.org", "eu.example.com"], namespace: "envoy-gateway", issuerRef };
  try {
    await deploy(() => new TokenProof("proof", { ...usual, way: way(), seconds: 2, ...args }, {}), { preview });
  } finally {
    clearInterval(certManager);
  }
  return made;
};

const proven = () => (standingAt(secret) as { metadata: { annotations?: object } }).metadata.annotations;

describe("Proof of a token", () => {
  afterEach(() => stand());

  it("is a certificate of Let's Encrypt's staging environment for a host of the token's own, which is deleted", async () => {
    assert.deepEqual(await run(before(old)), {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: "prove-cloudflare-api-token", labels: { ...labels, "app.kubernetes.io/instance": "eg" } },
      spec: {
        secretName: "prove-cloudflare-api-token-tls",
        issuerRef: { name: "letsencrypt-staging", kind: "ClusterIssuer" },
        dnsNames: ["https-edge-1234abcd.eu.example.com"],
        privateKey: { algorithm: "ECDSA", size: 256 },
      },
    });
    assert.equal(standingAt(certificate), undefined);
    assert.ok(requests().includes("DELETE /api/v1/namespaces/envoy-gateway/secrets/prove-cloudflare-api-token-tls"));
    assert.deepEqual(proven(), { "https-edge/proven": id });
  });

  it("is one of the serving issuer where another ACME server serves", async () => {
    const made = (await run(before(old), undefined, { server: {} })) as { spec: { issuerRef: object } };
    assert.deepEqual(made.spec.issuerRef, { name: "letsencrypt-prod", kind: "ClusterIssuer" });
  });

  it("is made for a token that an edge without proofs has left", async () => {
    assert.ok(await run(before()));
    assert.deepEqual(proven(), { "https-edge/proven": id });
  });

  it("is not made again, nor for the first token, which is proven by the edge's own certificate", async () => {
    assert.equal(await run(before(id)), undefined);
    assert.deepEqual(
      requests().filter((each) => !each.startsWith("GET")),
      [],
    );
    assert.equal(await run(undefined), undefined);
    assert.deepEqual(proven(), { "https-edge/proven": id });
  });

  it("is not made in a preview", async () => {
    assert.equal(await run(before(old), undefined, { preview: true }), undefined);
    assert.deepEqual(proven(), { "https-edge/proven": old });
  });

  for (const [what, says, got] of [
    [
      "has given up",
      { type: "Issuing", status: "False", reason: "Failed", message: "The order is invalid" },
      "Failed: The order is invalid",
    ],
    [
      "has not issued it in time",
      { type: "Ready", status: "False", reason: "DoesNotExist", message: "Issuing certificate" },
      "DoesNotExist: Issuing certificate, after 2 s",
    ],
  ] as const) {
    it(`ends the run, so that the token before is not deleted, when cert-manager ${what}`, async () => {
      await assert.rejects(run(before(old), says), {
        message: `the Cloudflare token "https-edge example.com c0ffee00" must be used by cert-manager, got ${got} (the token before it is not deleted; mend the cause and run pulumi up again, which tries again)`,
      });
      assert.deepEqual(proven(), { "https-edge/proven": old });
    });
  }

  it("begins by deleting what an interrupted run has left", async () => {
    await run(before(old));
    const [deleted, made] = [`DELETE ${certificate}`, `POST ${certificates}`].map((each) => requests().indexOf(each));
    assert.ok(deleted !== undefined && made !== undefined && deleted >= 0 && deleted < made);
  });
});
