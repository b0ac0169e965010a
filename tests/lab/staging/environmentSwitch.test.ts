import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask, rootOf, startLoad, until } from "../../../lab";
import { apply, get, holds, remove } from "../support/cluster";
import { domain, stagingEdge } from "../support/edge";
import { type Stack, shortWait } from "../support/stack";

describe("From staging to production and back", () => {
  let stack: Stack;
  let restore: () => Promise<void>;
  before(async () => {
    stack = await stagingEdge();
    restore = stack.keepSettings();
    await stack.set(...shortWait);
    await stack.up();
  });

  after(() => restore());

  for (const [environment, issuer] of [
    ["production", "letsencrypt-prod"],
    ["staging", "letsencrypt-staging"],
  ] as const) {
    it(`issues anew from ${environment} into the same Secret while every request is answered`, async () => {
      const secret = await get("secret", "wildcard-staging-example-com-tls", "envoy-gateway");
      const load = startLoad(`whoami.${domain}`);
      await stack.set("https-edge:acme.environment", environment);
      await stack.up();
      await until(`a certificate of ${environment} on port 443`, () => ask(domain, { roots: [rootOf(environment)] }));
      const { requests, failures, issuers } = await load.stop();

      assert.deepEqual(failures, []);
      assert.ok(requests > 20, `${requests} requests`);
      assert.equal(issuers.length, 2, "the load saw the old certificate and the new");
      const now = await get("secret", "wildcard-staging-example-com-tls", "envoy-gateway");
      assert.equal(now.metadata.uid, secret.metadata.uid);
      const certificate = await get("certificate", "wildcard-staging-example-com", "envoy-gateway");
      assert.deepEqual(certificate.spec?.issuerRef, { kind: "ClusterIssuer", name: issuer });
    });
  }

  describe("a sixth production certificate for the same names within a week", () => {
    const namespace = "sixth";
    // A name that no earlier run has had certificates for.
    const host = `sixth-${Date.now().toString(36)}.${domain}`;
    const certificate = (name: string) => ({
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name, namespace },
      spec: {
        secretName: name,
        dnsNames: [host],
        issuerRef: { name: "letsencrypt-prod", kind: "ClusterIssuer" },
      },
    });
    const earlier = ["first", "second", "third", "fourth", "fifth"];
    before(async () => {
      await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, ...earlier.map(certificate));
      for (const name of earlier)
        await until(`the ${name}`, async () => holds(await get("certificate", name, namespace), "Ready"), {
          seconds: 120,
        });
    });
    after(() => remove("namespace", namespace));

    it("is refused, and the Certificate says why in Let's Encrypt's words", async () => {
      await apply(certificate("sixth"));
      const refused = await until("the refusal", async () => {
        const { status } = await get("certificate", "sixth", namespace);
        return status?.conditions?.find(({ message }) => message?.includes("rateLimited"));
      });
      assert.match(
        refused.message ?? "",
        /too many certificates \(5\) already issued for this exact set of identifiers/,
      );
    });
  });
});
