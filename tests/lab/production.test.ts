import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { ask, rootOf } from "../../lab/client/https";
import { startLoad } from "../../lab/client/load";
import { until } from "../../lab/client/until";
import { get } from "./support/cluster";
import { domain, stagingEdge } from "./support/edge";
import { type Stack, shortWait } from "./support/stack";

describe("From staging to production and back", () => {
  let stack: Stack;
  before(async () => {
    stack = await stagingEdge();
    await stack.set(...shortWait);
    await stack.up();
  });

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
});
