import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { after, before, describe, it } from "mocha";
import { accountId, output, tokens, until, zones } from "../../../lab";
import { asToken, mintedTokens, state } from "../support/cloudflare";
import { get, tokenInSecret } from "../support/cluster";
import { domain, edgeToChange, serving } from "../support/edge";
import { eventually } from "../support/eventually";
import type { Stack } from "../support/stack";

const zoneId = (name: string): string => zones.find((zone) => zone.name === name)?.id ?? "";

const addressOfGateway = async (): Promise<string> => {
  const { status } = await get("gateway", "eg", "envoy-gateway");
  return (status?.addresses as { value: string }[] | undefined)?.[0]?.value ?? "";
};

describe("At Cloudflare", () => {
  let stack: Stack;
  let restore: () => Promise<void>;
  before(async () => {
    ({ stack, restore } = await edgeToChange());
  });
  after(() => restore());

  it("apex and wildcard are DNS-only A records of the load balancer's address", async () => {
    const address = await addressOfGateway();
    assert.match(address, /^203\.0\.113\./);
    const records = (await state()).records.filter(({ type }) => type !== "TXT");
    assert.deepEqual(
      records
        .map(({ name, type, content, proxied, zone }) => ({ name, type, content, proxied, zone }))
        .sort((a, b) => a.name.localeCompare(b.name)),
      [`*.${domain}`, domain].map((name) => ({
        name,
        type: "A",
        content: address,
        proxied: false,
        zone: "example.com",
      })),
    );
    await eventually("the wildcard's address", async () => {
      assert.equal((await lookup(`anything.${domain}`)).address, address);
    });
  });

  it("no challenge's TXT record is left", async () => {
    await eventually("the end of the challenges", async () => {
      assert.deepEqual(
        (await state()).records.filter(({ type }) => type === "TXT"),
        [],
      );
    });
  });

  it("the minted token is the account's, and has exactly two permission groups on the one zone", async () => {
    const tokens = await mintedTokens();
    assert.deepEqual(
      tokens.map(({ account }) => account),
      [accountId],
    );
    assert.deepEqual(
      tokens[0]?.policies.map(({ effect, permission_groups, resources }) => ({
        effect,
        groups: permission_groups.map(({ name }) => name).sort(),
        resources,
      })),
      [
        {
          effect: "allow",
          groups: ["DNS Write", "Zone Read"],
          resources: { [`com.cloudflare.api.account.zone.${zoneId("example.com")}`]: "*" },
        },
      ],
    );
  });

  it("the minted token is refused outside its zone, for other rights and for other tokens", async () => {
    const token = await tokenInSecret();
    assert.equal((await asToken(token, "GET", `zones/${zoneId("example.com")}/dns_records`)).status, 200);
    for (const [method, path] of [
      ["GET", `zones/${zoneId("example.org")}`],
      ["GET", `zones/${zoneId("example.org")}/dns_records`],
      ["POST", `zones/${zoneId("example.org")}/dns_records`],
      ["GET", "user/tokens"],
      ["GET", `accounts/${accountId}/tokens`],
    ] as const) {
      const { status, success } = await asToken(
        token,
        method,
        path,
        method === "POST" ? { type: "TXT", name: "x.example.org", content: "x", ttl: 120 } : undefined,
      );
      assert.equal(success, false, `${method} ${path}`);
      assert.ok(status === 403 || status === 404, `${method} ${path} answered ${status}`);
    }
    assert.deepEqual((await asToken(token, "GET", "zones?name=example.org")).result, []);
  });

  describe("the minted token that no longer works there", () => {
    /** A preview and an `up` end with this line of the token, and leave the Secret as it is. */
    const named = async (line: string): Promise<void> => {
      const before = await get("secret", "cloudflare-api-token", "cert-manager");
      for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
        const { code, output } = await stack.run(...args);
        assert.notEqual(code, 0, output);
        assert.ok(output.includes(line), output);
        assert.doesNotMatch(output, /unhandled exception/);
      }
      const now = await get("secret", "cloudflare-api-token", "cert-manager");
      assert.equal(now.metadata.resourceVersion, before.metadata.resourceVersion);
    };

    /** There is one token, another than before, and it stands in the Secret. */
    const mended = async (former: string | undefined): Promise<void> => {
      const minted = await mintedTokens();
      assert.deepEqual([minted.length, minted[0]?.status], [1, "active"]);
      assert.notEqual(minted[0]?.id, former);
      const { status } = await asToken(await tokenInSecret(), "GET", `zones/${zoneId("example.com")}/dns_records`);
      assert.equal(status, 200);
    };

    it("since somebody disabled it, is named, and a rotation replaces it", async () => {
      const [token] = await mintedTokens();
      const { id, name, policies } = token ?? assert.fail("no token was minted");
      await asToken(tokens.deploy, "PUT", `accounts/${accountId}/tokens/${id}`, { name, policies, status: "disabled" });
      await named(
        `the Cloudflare token "${name}" must be active, got "disabled" (set cloudflare.rotation to any other value, which replaces it)`,
      );
      stack.set("https-edge:cloudflare.rotation", "2027-02");
      await stack.succeed("preview");
      await stack.up();
      await mended(id);
    });

    it("since somebody deleted it, is named, and a refresh makes another", async () => {
      const [token] = await mintedTokens();
      const { id, name } = token ?? assert.fail("no token was minted");
      await asToken(tokens.deploy, "DELETE", `accounts/${accountId}/tokens/${id}`);
      await named(
        `the Cloudflare token "${name}" must be active, got "404 Not Found: Token not found (1001)" (run pulumi up --refresh, which creates another)`,
      );
      await stack.succeed("up", "--yes", "--skip-preview", "--refresh");
      await mended(id);
    });
  });

  describe("when the load balancer has a hostname instead of an address", () => {
    before(() => stack.set('https-edge:gateway.annotations["lab.https-edge/report"]', "hostname"));
    after(async () => {
      await stack.succeed("config", "rm", "--path", "https-edge:gateway.annotations");
      await stack.up();
      const address = await until("the Gateway's address", async () => {
        const reported = await addressOfGateway();
        return /^203\.0\.113\./.test(reported) && reported;
      });
      await stack.up();
      await until("the name's address", async () => (await lookup(`anything.${domain}`)).address === address);
      await serving();
    });

    it("apex and wildcard are CNAME records of it", async () => {
      await stack.up();
      const hostname = await until("the Gateway's hostname", async () => {
        const address = await addressOfGateway();
        return /[a-z]/.test(address) && address;
      });
      await stack.up();
      const records = (await state()).records.filter(({ type }) => type !== "TXT");
      assert.deepEqual(
        records
          .map(({ name, type, content }) => ({ name, type, content }))
          .sort((a, b) => a.name.localeCompare(b.name)),
        [
          { name: `*.${domain}`, type: "CNAME", content: hostname },
          { name: domain, type: "CNAME", content: hostname },
        ],
      );
      await until("an address of the hostname", () => output(["getent", "hosts", `anything.${domain}`]));
    });
  });
});
