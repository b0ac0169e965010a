import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "mocha";
import { dns, tokens, until } from "../../../lab";
import { names } from "../support/cluster";
import { Stack, shortWait } from "../support/stack";

/** Makes a name of the outside world unknown while `during` runs. */
const withoutName = async (name: string, during: () => Promise<void>): Promise<void> => {
  const known = (): Promise<boolean> =>
    lookup(name).then(
      () => true,
      () => false,
    );
  const hosts = readFileSync(dns.hosts, "utf8");
  writeFileSync(dns.hosts, hosts.replaceAll(name, `gone.${name}`));
  try {
    await until(`the end of ${name}`, async () => !(await known()));
    await during();
  } finally {
    writeFileSync(dns.hosts, hosts);
    await until(`the return of ${name}`, known);
  }
};

describe("An up that cannot succeed", () => {
  describe("for a fault that is known before", () => {
    for (const [fault, env, message] of [
      [
        "a token that does not exist",
        { CLOUDFLARE_API_TOKEN: "x".repeat(40) },
        /Invalid API Token|Authentication error|Invalid access token/,
      ],
      [
        "a token that cannot see the zone",
        { CLOUDFLARE_API_TOKEN: tokens.otherZone },
        /domains must lie in zones that the Cloudflare token can see, got "example\.com"/,
      ],
    ] as const) {
      it(`names ${fault}, and touches nothing`, async () => {
        const stack = await Stack.create("staging", "failures", env);
        const { code, output } = await stack.run("up", "--yes");
        assert.notEqual(code, 0);
        assert.match(output, message);
        assert.ok(!(await names("namespaces")).includes("cert-manager"), "the preview stops it");
        await stack.destroy();
      });
    }

    it("names every wrong setting in one message, before any call", async () => {
      const stack = await Stack.create("staging", "failures");
      await stack.set("https-edge:domains[0].name", "*.example.com");
      await stack.set("https-edge:acme.environment", "live");
      await stack.set("https-edge:gatway.replicas", "3");
      const { code, output } = await stack.run("preview");
      assert.notEqual(code, 0);
      assert.match(output, /3 settings are wrong; nothing was changed:/);
      assert.match(output, /domains\[0\]\.name must be a bare name such as example\.com, got "\*\.example\.com"/);
      assert.match(output, /acme\.environment must be staging or production, got "live"/);
      assert.match(output, /gatway must be a setting, got an unknown name/);
      await stack.destroy();
    });
  });

  describe("for a fault under way", () => {
    let stack: Stack;
    before(async () => {
      stack = await Stack.create("staging", "failures");
      await stack.set(...shortWait);
    });
    after(() => stack.destroy());

    it("names a token that may not create tokens; with the right one the next up goes on", async () => {
      const limited = await stack.with({ CLOUDFLARE_API_TOKEN: tokens.dnsOnly }).run("up", "--yes", "--skip-preview");
      assert.notEqual(limited.code, 0);
      assert.match(limited.output, /API Tokens|permission group|not authorized|Unauthorized|Authentication error/i);
    });

    it("names an ACME server that cannot be reached; when it is back the next up succeeds", async () => {
      await withoutName("acme-staging-v02.api.letsencrypt.org", async () => {
        const { code, output } = await stack.run("up", "--yes", "--skip-preview");
        assert.notEqual(code, 0);
        assert.match(output, /acme-staging-v02\.api\.letsencrypt\.org/);
      });
      await stack.up();
    });
  });
});
