import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask, companyCa, rootOf, startLoad, until } from "../../../lab";
import { apply, certificate, get, holds, names, remove } from "../support/cluster";
import { domain, edgeToChange } from "../support/edge";
import { diagnosticsOf, type Stack, shortWait, upAlone } from "../support/stack";

describe("From one issuer of certificates to another and back", () => {
  let stack: Stack;
  let restore: () => Promise<void>;
  before(async () => {
    ({ stack, restore } = await edgeToChange());
    stack.set(...shortWait);
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
      stack.set("https-edge:acme.environment", environment);
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

  describe("when the production certificates of a week are used up", () => {
    const namespace = "used-up";
    const those = ["first", "second", "third", "fourth", "fifth"];
    const wanted = those.map((name) => certificate({ name, namespace }, [domain, `*.${domain}`], "letsencrypt-prod"));
    const refusal = /too many certificates \(5\) already issued for this exact set of identifiers/;
    before(async () => {
      await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, ...wanted);
      for (const name of those)
        await until(`the ${name}, or its refusal`, async () => {
          const found = await get("certificate", name, namespace);
          return holds(found, "Ready") || found.status?.conditions?.some(({ message }) => refusal.test(message ?? ""));
        });
      stack.set("https-edge:acme.environment", "production");
    });
    after(() => remove("namespace", namespace));

    it("refuses a preview and an up, and says from when on production may be asked, before anything is changed", async () => {
      await stack.refuses(
        /acme\.environment must not be production before \S+ \S+ UTC, got [56] certificates for staging\.example\.com, \*\.staging\.example\.com in seven days/,
        ["preview"],
        upAlone,
      );
      const { spec } = await get("certificate", "wildcard-staging-example-com", "envoy-gateway");
      assert.deepEqual(spec?.issuerRef, { kind: "ClusterIssuer", name: "letsencrypt-staging" });
      stack.set("https-edge:acme.ignoreLimits", "true");
    });

    // The second up begins the issuance anew that the first has left failed.
    for (const nth of ["an up", "another up"])
      it(`ends ${nth} at once, in Let's Encrypt's words, while the old certificate serves`, async () => {
        const { code, output } = await stack.run("up", "--yes", "--skip-preview");
        assert.notEqual(code, 0, output);
        const [line] = output.split("\n").filter((each) => /error: Certificate/.test(each));
        assert.match(line ?? output, /Certificate wildcard-staging-example-com must be issued, got order errored/);
        assert.match(line ?? "", refusal);
        assert.doesNotMatch(line ?? "", /, after \d+ s/);
        await ask(domain, { roots: [rootOf("staging")] });
      });
  });

  describe("and to a firm's own CA, whose certificates live for seconds", () => {
    const { directory: url, root: caBundle, eabKeyId, eabHmacKey, profile } = companyCa;
    const wait = { waitInsteadOfSelfCheck: shortWait[1] };
    const issuer = /^acme-ca-company-example-9000-[0-9a-f]{10}$/;
    const roots = [rootOf("staging"), rootOf("company")];
    const setKey = (key: string) => stack.succeed("config", "set", "--secret", "https-edge:eabHmacKey", key);
    const certificate = () => get("certificate", "wildcard-staging-example-com", "envoy-gateway");
    before(() => stack.setBlocks({ acme: { server: { url, caBundle, eabKeyId }, profile, ...wait } }));
    after(async () => {
      await stack.succeed("config", "rm", "https-edge:eabHmacKey");
      stack.setBlocks({ acme: { environment: "staging", ...wait } });
      await stack.up();
      await until("a certificate of staging on port 443", () => ask(domain, { roots: [rootOf("staging")] }));
      assert.deepEqual(await issuers(), ["letsencrypt-prod", "letsencrypt-staging"]);
      assert.deepEqual(
        (await names("secrets")).filter((name) => name.includes("-eab-")),
        [],
      );
    });
    const issuers = () => names("clusterissuers");

    it("is refused with a wrong key of the external account, in the CA's words, while the old certificate serves", async () => {
      await setKey("wrong-company-key-opens-nothing-anywhere-els");
      const { code, output } = await stack.run(...upAlone);
      assert.notEqual(code, 0, output);
      assert.match(
        diagnosticsOf(output),
        /error: ClusterIssuer acme-ca-company-example-9000-\w+ must have an ACME account, got ErrRegisterACMEAccount: .*403 urn:ietf:params:acme:error:unauthorized: external account binding JWS verification error.* \(kubectl/,
      );
      await ask(domain, { roots: [rootOf("staging")] });
    });

    it("renews again and again while every request is answered", async () => {
      await setKey(eabHmacKey);
      const load = startLoad(`whoami.${domain}`, { roots });
      await stack.up();
      const first = Number((await certificate()).status?.revision);
      await until("two more renewals", async () => Number((await certificate()).status?.revision) >= first + 2);
      const { requests, failures, issuers: seen } = await load.stop();

      assert.deepEqual(failures, []);
      assert.ok(requests > 20, `${requests} requests`);
      assert.equal(seen.length, 2, "the load saw the old CA and the new");
      const { spec } = await certificate();
      assert.equal(spec?.renewBeforePercentage, 50);
      const { name } = (spec?.issuerRef ?? {}) as { name?: string };
      assert.match(name ?? "", issuer);
      assert.deepEqual(
        (await issuers()).filter((name) => !issuer.test(name)),
        [],
      );
    });
  });
});
