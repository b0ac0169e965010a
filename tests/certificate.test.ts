import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Certificate, certificatesFor } from "../components/certificate";
import { Preflight } from "../components/resources/preflight";
import { certificateName, rehearsalName, tlsSecretName } from "../components/rules/names";
import type { Domain, Zone } from "../components/zones";
import { put, requests, stand, standingAt, take, way } from "./support/cluster";
import { notAfter } from "./support/controllers";
import { deploy, settled, types } from "./support/deploy";
import { labels, names } from "./support/names";

const issuerRef = { name: "letsencrypt-staging", kind: "ClusterIssuer" };

/** Where each of them goes. */
const where = () => ({
  names,
  domain: "example.com",
  namespace: "envoy-gateway",
  issuerRef,
  way: way(),
  preflight: new Preflight(),
});

describe("Certificate", () => {
  it("is named after its domain", () => {
    assert.equal(certificateName("eu.example.com"), "wildcard-eu-example-com");
    assert.equal(tlsSecretName("eu.example.com"), "wildcard-eu-example-com-tls");
  });

  for (const [args, share] of [
    [{}, 33],
    [{ profile: "shortlived" }, 50],
    [{ profile: "shortlived", renewBeforePercentage: 40 }, 40],
  ] as const) {
    it(`is renewed with ${share} % of its life left, given ${JSON.stringify(args)}`, async () => {
      const { inputs } = (await deploy(() => new Certificate("certificate", { ...where(), ...args }, {}))).only(
        types.certificate,
      );
      assert.equal((inputs.spec as { renewBeforePercentage: number }).renewBeforePercentage, share);
    });
  }

  it("has a rehearsal of a name that is as long", () => {
    assert.equal(rehearsalName("eu.example.com"), "rehearse-eu-example-com");
    assert.equal(rehearsalName("eu.example.com").length, certificateName("eu.example.com").length);
  });

  it("of a domain with hyphens has them twice, so that a dot is told from a hyphen", () => {
    assert.equal(certificateName("a.b.example.com"), "wildcard-a-b-example-com");
    assert.equal(certificateName("a-b.example.com"), "wildcard-a--b-example-com");
    assert.equal(tlsSecretName("a-b.example.com"), "wildcard-a--b-example-com-tls");
  });

  it("covers apex and wildcard with a new ECDSA key at each renewal", async () => {
    const deployment = await deploy(() => new Certificate("certificate", where(), {}));
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Certificate", "certificate"],
      [types.certificate, "certificate"],
    ]);
    const { inputs, parent } = deployment.only(types.certificate);
    assert.deepEqual(inputs, {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: {
        name: "wildcard-example-com",
        namespace: "envoy-gateway",
        labels,
        annotations: { "pulumi.com/patchForce": "true" },
      },
      spec: {
        secretName: "wildcard-example-com-tls",
        issuerRef,
        dnsNames: ["example.com", "*.example.com"],
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        revisionHistoryLimit: 10,
        renewBeforePercentage: 33,
      },
    });
    assert.deepEqual(parent, ["https-edge:index:Certificate", "certificate"]);
  });

  describe("with a rehearsal", () => {
    const path = (name: string) => `/apis/cert-manager.io/v1/namespaces/envoy-gateway/certificates/${name}`;
    const production = { name: "letsencrypt-prod", kind: "ClusterIssuer" };
    const ready = { conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }], notAfter };
    const failed = {
      conditions: [
        { type: "Ready", status: "False", reason: "DoesNotExist", message: "", observedGeneration: 1 },
        { type: "Issuing", status: "False", reason: "Failed", message: "No zone", observedGeneration: 1 },
      ],
    };
    let part: Certificate;
    /** Each Certificate becomes what it is given by its name. */
    const run = (becomes: Record<string, object>) =>
      deploy(
        () => {
          const args = { ...where(), issuerRef: production, rehearsal: true, seconds: 1 };
          part = new Certificate("certificate", args, {});
        },
        { says: ({ name }) => becomes[name] },
      );
    afterEach(() => stand());

    it("asks staging for the same names first, in a Secret of its own, and renews that earlier", async () => {
      const deployment = await run({ "rehearse-example-com": ready, "wildcard-example-com": ready });
      const specOf = (name: string) => deployment.only(types.certificate, name).inputs.spec as Record<string, unknown>;
      const [rehearsed, served] = [specOf("certificate-rehearsal"), specOf("certificate")];
      assert.deepEqual(rehearsed.issuerRef, { name: "letsencrypt-staging", kind: "ClusterIssuer" });
      assert.deepEqual(rehearsed.dnsNames, served.dnsNames);
      assert.deepEqual(
        [rehearsed.secretName, rehearsed.renewBeforePercentage, served.renewBeforePercentage],
        ["rehearse-example-com-tls", 66, 33],
      );
      assert.deepEqual(served.issuerRef, production);
      assert.equal((await part.ready).length, 1);
    });

    it("does not ask production when staging has not issued, and ends the run", async () => {
      const outcome = run({ "rehearse-example-com": failed, "wildcard-example-com": ready });
      await assert.rejects(outcome, {
        message:
          /^Certificate rehearse-example-com must be issued, got Failed: No zone \(Let's Encrypt's production is not asked before; mend/,
      });
      assert.equal(standingAt(path("wildcard-example-com")), undefined);
    });

    it("does not count a certificate of staging as one of production", async () => {
      put(path("wildcard-example-com"), {
        metadata: { name: "wildcard-example-com", uid: "earlier", generation: 1 },
        spec: { issuerRef },
        status: ready,
      });
      await assert.rejects(run({ "rehearse-example-com": failed, "wildcard-example-com": ready }), {
        message: /^Certificate rehearse-example-com must be issued, got Failed/,
      });
    });

    it("warns alone when production has issued before", async () => {
      put(path("wildcard-example-com"), {
        metadata: { name: "wildcard-example-com", uid: "earlier", generation: 1 },
        spec: { issuerRef: production },
        status: ready,
      });
      const { warnings } = await run({ "rehearse-example-com": failed, "wildcard-example-com": ready });
      assert.match(
        warnings.join(),
        /^Certificate rehearse-example-com must be issued, .*; the serving certificate stands, and its renewal may fail/,
      );
      assert.equal((await part.ready).length, 1);
    });
  });

  describe("of Let's Encrypt's production", () => {
    const name = "wildcard-example-com";
    const collection = "/apis/cert-manager.io/v1/namespaces/envoy-gateway";
    const ready = { conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }], notAfter };
    /** A Certificate of these names that stands, and the requests of so many hours ago by which issuers have issued it. */
    const issued = (issuer: string, dnsNames: string[], requests: [string, number][], status: object = ready) => {
      const metadata = { name, uid: "certificate", generation: 1 };
      put(`${collection}/certificates/${name}`, { metadata, spec: { issuerRef: { name: issuer }, dnsNames }, status });
      for (const [index, [by, hours]] of requests.entries())
        put(`${collection}/certificaterequests/${index}`, {
          metadata: {
            name: `${index}`,
            ownerReferences: [{ uid: "certificate" }],
            creationTimestamp: new Date(Date.now() - hours * 3_600_000).toISOString(),
          },
          spec: { issuerRef: { kind: "ClusterIssuer", name: by } },
          status: { conditions: [{ type: "Ready", status: "True" }] },
        });
    };
    const run = (more: object = {}) =>
      deploy(
        () => {
          const preflight = new Preflight();
          const production = { ...where(), preflight, environment: "production" as const, seconds: 1, ...more };
          new Certificate("certificate", production, { dependsOn: preflight.before() });
        },
        { preview: true, says: () => ready },
      );
    afterEach(() => stand());

    const exactly = ["*.example.com", "example.com"];
    const five = [5, 4, 3, 2, 1].map((hours): [string, number] => ["letsencrypt-prod", hours]);
    const refusal =
      /^acme\.environment must not be production before \d{4}-\d\d-\d\d \d\d:\d\d UTC, got 5 certificates for example\.com, \*\.example\.com in seven days \(it issues five a week for the same names, one more each 34 hours; environment staging until then, or ignoreLimits/;
    const failed = { conditions: [{ type: "Issuing", status: "False", reason: "Failed", observedGeneration: 1 }] };

    it("is refused before anything is changed when the cluster knows of five in a week", async () => {
      issued("letsencrypt-staging", exactly, five);
      await assert.rejects(run(), { message: refusal });
      issued("letsencrypt-prod", exactly, five, failed);
      await assert.rejects(run(), { message: refusal });
      await run({ ignoreLimits: true });
    });

    for (const [what, issuer, dnsNames, requests] of [
      ["where it issues it already", "letsencrypt-prod", exactly, five],
      ["for other names", "letsencrypt-staging", ["example.com"], five],
      ["after four", "letsencrypt-staging", exactly, five.slice(1)],
      [
        "after those of staging",
        "letsencrypt-staging",
        exactly,
        five.map(([, hours]) => ["letsencrypt-staging", hours]),
      ],
      ["longer ago", "letsencrypt-staging", exactly, five.map(([by, hours]) => [by, hours + 48])],
    ] as [string, string, string[], [string, number][]][])
      it(`is asked for ${what}`, async () => {
        issued(issuer, dnsNames, requests);
        await run();
      });

    it("is asked for where none stands", () => run());

    it("is taken over from a Secret that stands, whatever others have used up, and else not asked for", async () => {
      issued("letsencrypt-prod", exactly, five);
      const other = standingAt(`${collection}/certificates/${name}`) as { metadata: object };
      take(`${collection}/certificates/${name}`);
      put("/apis/cert-manager.io/v1/namespaces/other/certificates/other", other);
      await assert.rejects(run(), { message: refusal });
      put(`/api/v1/namespaces/envoy-gateway/secrets/${name}-tls`, { metadata: { name: `${name}-tls` } });
      await run();
    });
  });

  describe("for each of many domains, of Let's Encrypt's production", () => {
    const zone = (name: string): Zone => ({
      name,
      accountId: undefined,
      foundIn: Promise.resolve(undefined),
      lookedUp: false,
      id: pulumi.output("z"),
      found: Promise.resolve("z"),
    });
    const below = (name: string, count: number): Domain[] =>
      Array.from({ length: count }, (_, at) => ({ name: `d${at}.${name}`, zone: zone(name) }));
    const run = (domains: Domain[], more: object = {}) =>
      deploy(
        () => {
          const { domain: _, ...rest } = where();
          const preflight = new Preflight();
          const args = { ...rest, preflight, environment: "production" as const, seconds: 1, ...more };
          certificatesFor(domains, (each) => each, args, { dependsOn: preflight.before() });
        },
        {
          preview: true,
          says: () => ({ conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }], notAfter }),
        },
      );
    /** Certificates of other teams below a domain, each issued for the nth time so many hours ago. */
    const others = (domain: string, count: number, hours: number, revision: number): void => {
      for (const at of Array(count).keys()) {
        const [name, uid] = [`${domain}-${at}`, `uid-${domain}-${at}`];
        const collection = "/apis/cert-manager.io/v1/namespaces/other";
        const issuerRef = { name: "letsencrypt-prod", kind: "ClusterIssuer" };
        const spec = { issuerRef, dnsNames: [`other${at}.${domain}`] };
        put(`${collection}/certificates/${name}`, { metadata: { name, uid, generation: 1 }, spec });
        put(`${collection}/certificaterequests/${name}`, {
          metadata: {
            name,
            ownerReferences: [{ uid }],
            annotations: { "cert-manager.io/certificate-revision": `${revision}` },
            creationTimestamp: new Date(Date.now() - hours * 3_600_000).toISOString(),
          },
          spec: { issuerRef },
          status: { conditions: [{ type: "Ready", status: "True" }] },
        });
      }
    };
    afterEach(() => stand());

    it("is refused for more than fifty below a zone at once, before anything is changed", async () => {
      await assert.rejects(run([...below("example.com", 51), ...below("example.net", 50)]), {
        message:
          "acme.environment must not be production for more than 50 new domains at once, got 51 new certificates below example.com, beside 0 in seven days (it issues fifty a week below a registered domain, one more each 202 minutes; environment staging until then, or ignoreLimits: true where they were issued before, or the account's limit was raised)",
      });
      await run(below("example.com", 51), { ignoreLimits: true });
      await run(below("example.com", 51), { environment: "staging" });
    });

    it("counts what other teams were issued for the first time in these days, and says when there is room", async () => {
      others("example.com", 41, 2, 1);
      await assert.rejects(run(below("example.com", 10)), {
        message:
          /^acme\.environment must not be production before \d{4}-\d\d-\d\d \d\d:\d\d UTC, got 10 new certificates below example\.com, beside 41 in seven days/,
      });
      await run(below("example.com", 9));
      await run(below("example.net", 10));
    });

    for (const [what, hours, revision] of [
      ["renewals", 2, 2],
      ["what is longer ago", 8 * 24, 1],
    ] as const)
      it(`does not count ${what}`, async () => {
        others("example.com", 50, hours, revision);
        await run(below("example.com", 10));
      });
  });

  describe("in an up", () => {
    const name = "wildcard-example-com";
    const certManager = "/apis/cert-manager.io/v1/namespaces/envoy-gateway";
    const acme = "/apis/acme.cert-manager.io/v1/namespaces/envoy-gateway";
    const owned = (own: string, owner: string) => ({ name: own, uid: own, ownerReferences: [{ uid: owner }] });
    const condition = (type: string, status: string, reason: string, message: string) => ({
      type,
      status,
      reason,
      message,
      observedGeneration: 1,
    });
    const notReady = condition("Ready", "False", "DoesNotExist", "Issuing certificate as Secret does not exist");
    const failed = condition("Issuing", "False", "Failed", "The certificate request has failed to complete.");
    const detail = "403 urn:ietf:params:acme:error:unauthorized: No TXT record found at\n_acme-challenge.example.com";

    /** What cert-manager has made of the Certificate. */
    const chain = (order: object, challenge?: object) => {
      put(`${certManager}/certificaterequests/r`, { metadata: owned("r", `uid-of-${name}`) });
      put(`${acme}/orders/o`, { metadata: owned("o", "r"), status: order });
      if (challenge) put(`${acme}/challenges/c`, { metadata: owned("c", "o"), status: challenge });
    };
    let part: Certificate;
    const run = (status: object, { preview = false, seconds = 0 } = {}) =>
      deploy(
        () => {
          const args = { ...where(), seconds };
          part = new Certificate("certificate", args, {});
        },
        { preview, says: () => status },
      );
    afterEach(() => stand());

    it("tells what cert-manager says of it once it is issued", async () => {
      await run({ conditions: [condition("Ready", "True", "Ready", "")], notAfter });
      assert.equal((await settled(part.status)).notAfter, notAfter);
      assert.equal((await part.ready).length, 1);
    });

    it("waits for the Certificate as it is now, and not for what was said of it before", async () => {
      const earlier = { ...condition("Ready", "True", "Ready", ""), observedGeneration: 0 };
      await assert.rejects(run({ conditions: [earlier] }), {
        message: /^Certificate wildcard-example-com must be issued, got cert-manager has not seen it yet, after 0 s \(/,
      });
    });

    it("ends when the time is up, with the words of the challenge that is not through", async () => {
      chain({ state: "pending" }, { state: "pending", reason: "API token invalid" });
      await assert.rejects(run({ conditions: [notReady] }), {
        message:
          /must be issued, got challenge pending: API token invalid, after 0 s \(mend the cause and run pulumi up/,
      });
    });

    it("tells of a challenge that is over and keeps its record, for which the next one waits without a word", async () => {
      chain({ state: "pending" }, { state: "valid", reason: "Error cleaning up challenge: out of order" });
      put(`${acme}/challenges/next`, { metadata: owned("next", "o"), status: {} });
      await assert.rejects(run({ conditions: [notReady] }), {
        message: /must be issued, got challenge valid: Error cleaning up challenge: out of order, after 0 s \(/,
      });
    });

    it("ends with the order's words where there is no challenge", async () => {
      chain({
        state: "errored",
        reason: "Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many",
      });
      await assert.rejects(run({ conditions: [notReady] }), {
        message:
          /got order errored: Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many, after/,
      });
    });

    it("ends with the order's words where it ended by its own error, whatever became of a challenge", async () => {
      const expired = "Error accepting challenge: 400 urn:ietf:params:acme:error:malformed";
      chain({ state: "errored", reason: "Failed to finalize Order: 404" }, { state: "expired", reason: expired });
      await assert.rejects(run({ conditions: [notReady] }), {
        message: /got order errored: Failed to finalize Order: 404, after/,
      });
    });

    describe("when cert-manager has given up", () => {
      const path = `${certManager}/certificates/${name}`;
      const givenUp = (failedIssuanceAttempts: number) => ({
        conditions: [notReady, failed],
        lastFailureTime: "2026-11-26T11:00:00Z",
        failedIssuanceAttempts,
      });
      const begunAnew = () => requests().filter((each) => each === `PATCH ${path}/status`).length;

      /** An earlier run's failure; what cert-manager makes of it when it begins anew. */
      const afterwards = async (outcome: object): Promise<void> => {
        put(path, { metadata: { name, uid: "earlier", generation: 1 }, status: givenUp(1) });
        const certManagerWorks = setInterval(() => {
          const stands = standingAt(path) as { metadata: object; status: { conditions: { reason: string }[] } };
          if (stands.status.conditions.some(({ reason }) => reason === "ManuallyTriggered"))
            put(path, { ...stands, status: outcome });
        }, 20);
        await run(givenUp(1), { seconds: 900 }).finally(() => clearInterval(certManagerWorks));
      };

      it("ends long before the time is up, with the ACME server's words in a line", async () => {
        chain({ state: "invalid" }, { state: "invalid", reason: `Error accepting authorization: ${detail}` });
        await assert.rejects(run(givenUp(1), { seconds: 900 }), {
          message:
            /got challenge invalid: Error accepting authorization: 403 urn:ietf:params:acme:error:unauthorized: No TXT record found at _acme-challenge.example.com \(/,
        });
        assert.equal(begunAnew(), 0);
      });

      it("in an earlier run, begins anew and is issued", async () => {
        await afterwards({ conditions: [condition("Ready", "True", "Ready", "")] });
        assert.equal((await part.ready).length, 1);
        assert.equal(begunAnew(), 1);
      });

      it("in an earlier run, begins anew once, and ends when that fails in the same second", async () => {
        await assert.rejects(afterwards(givenUp(2)), {
          message: /must be issued, got Failed: The certificate request has/,
        });
        assert.equal(begunAnew(), 1);
      });
    });

    it("ends every other wait of the run as well when it fails", async () => {
      const cluster = way();
      const start = (domain: string, seconds: number) =>
        new Certificate(
          domain,
          { names, domain, namespace: "envoy-gateway", issuerRef, way: cluster, preflight: new Preflight(), seconds },
          {},
        );
      const parts: Certificate[] = [];
      const both = () => {
        parts.push(start("example.com", 1), start("example.org", 900));
      };
      const message = /^Certificate wildcard-example-com must be issued, got .*, after 1 s/;
      await assert.rejects(deploy(both, { says: () => ({ conditions: [notReady] }) }), { message });
      await assert.rejects(parts[1]?.ready ?? Promise.resolve(), { message });
    });

    it("is only told of in a preview, which begins nothing", async () => {
      const { warnings } = await run({ conditions: [notReady, failed] }, { preview: true });
      assert.match(
        warnings.join(),
        /^Certificate wildcard-example-com must be issued, got Failed: The certificate request/,
      );
      assert.deepEqual(
        requests().filter((each) => each.startsWith("PATCH")),
        [],
      );
    });
  });
});
