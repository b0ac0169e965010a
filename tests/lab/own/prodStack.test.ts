import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { accountId, ask, rootOf, startLoad, tokens, until, zones } from "../../../lab";
import { mintedTokens, state } from "../support/cloudflare";
import { tokenInSecret } from "../support/cluster";
import { Stack, shortWait } from "../support/stack";

const roots = () => [rootOf("production")];
const resource = (name: string): string =>
  `com.cloudflare.api.account.zone.${zones.find((zone) => zone.name === name)?.id}`;

describe("The edge put up by pulumi up -s prod", () => {
  let stack: Stack;
  /** The same stack, deployed by a credential that may only edit the DNS of example.com. */
  let limited: Stack;
  before(async () => {
    stack = await Stack.create("prod", "prod");
    limited = stack.with({ CLOUDFLARE_API_TOKEN: tokens.dnsOnly });
    await stack.set(...shortWait);
    await stack.up();
  });
  after(() => stack.destroy());

  for (const host of ["example.com", "whoami.example.com", "nobody-claimed-this.example.com"]) {
    it(`shows ${host} a certificate that leads to Let's Encrypt's production root`, async () => {
      const { certificate } = await until("the answer", () => ask(host, { roots: roots() }));
      assert.deepEqual(certificate.names.sort(), ["*.example.com", "example.com"]);
    });
  }

  describe("with a token brought along", () => {
    before(async () => {
      await stack.succeed("config", "set", "--secret", "https-edge:dnsToken", tokens.dnsOnly);
      await stack.up();
    });
    after(() => stack.succeed("config", "rm", "https-edge:dnsToken"));

    it("uses it as it is, and deletes the one it had created", async () => {
      assert.deepEqual(await mintedTokens(), []);
      assert.equal(await tokenInSecret(), tokens.dnsOnly);
    });

    it("issues a certificate with it", async () => {
      await stack.set("https-edge:acme.environment", "staging");
      await limited.up();
      await until("a certificate of staging", () => ask("example.com", { roots: [rootOf("staging")] }));
      await stack.set("https-edge:acme.environment", "production");
    });
  });

  describe("with one credential to edit DNS and another to create tokens", () => {
    before(async () => {
      await stack.set("https-edge:cloudflare.accountId", accountId);
      await stack.succeed("config", "set", "--secret", "https-edge:mintingToken", tokens.deploy);
      await limited.up();
    });

    it("creates a token of the account for the one zone", async () => {
      const minted = await mintedTokens();
      assert.deepEqual(
        minted.map(({ account, policies }) => [account, policies.map(({ resources }) => resources)]),
        [[accountId, [{ [resource("example.com")]: "*" }]]],
      );
    });

    it("finds nothing to do afterwards", () => limited.succeed("preview", "--expect-no-changes"));
  });

  describe("with a second domain in another zone", () => {
    before(async () => {
      const load = startLoad("whoami.example.com");
      await stack.set("https-edge:domains[1].name", "example.org");
      await stack.up();
      const { requests, failures } = await load.stop();
      assert.deepEqual(failures, [], "the first domain answers meanwhile");
      assert.ok(requests > 20, `${requests} requests`);
    });

    for (const [domain, host] of [
      ["example.com", "example.com"],
      ["example.com", "whoami.example.com"],
      ["example.org", "example.org"],
      ["example.org", "whoami.example.org"],
      ["example.org", "nobody-claimed-this.example.org"],
    ] as const) {
      it(`shows ${host} the certificate of ${domain}, and speaks HTTP/2`, async () => {
        const expected = host.startsWith("nobody") ? 404 : 200;
        const { certificate, protocol } = await until("the answer", async () => {
          const answer = await ask(host, { roots: roots() });
          assert.equal(answer.status, expected);
          return answer;
        });
        assert.deepEqual(certificate.names.sort(), [`*.${domain}`, domain]);
        assert.equal(protocol, "h2");
      });
    }

    it("has records for both, and one token for the two zones", async () => {
      const records = (await state()).records.filter(({ type }) => type === "A").map(({ name }) => name);
      assert.deepEqual(records.sort(), ["*.example.com", "*.example.org", "example.com", "example.org"]);
      assert.deepEqual(
        (await mintedTokens()).map(({ policies }) => policies.map(({ resources }) => resources)),
        [[{ [resource("example.com")]: "*", [resource("example.org")]: "*" }]],
      );
    });

    it("finds nothing to do afterwards", () => stack.succeed("preview", "--expect-no-changes"));
  });
});
