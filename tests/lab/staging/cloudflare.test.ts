import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { after, before, describe, it } from "mocha";
import { accountId, output, until, zones } from "../../../lab";
import { asToken, mintedTokens, requests, state, withFault } from "../support/cloudflare";
import { get, tokenInSecret } from "../support/cluster";
import { domain, serving, stagingEdge } from "../support/edge";
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
    stack = await stagingEdge();
    restore = stack.keepSettings();
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

  it("the minted token has exactly two permission groups on the one zone", async () => {
    const tokens = await mintedTokens();
    assert.equal(tokens.length, 1);
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

  it("a rotation replaces the token, and the Secret changes in place", async () => {
    const before = await get("secret", "cloudflare-api-token", "cert-manager");
    const [old] = await mintedTokens();
    await stack.set("https-edge:cloudflare.rotation", "2026-11");
    await stack.up();
    const now = await get("secret", "cloudflare-api-token", "cert-manager");
    const tokens = await mintedTokens();
    assert.equal(tokens.length, 1);
    assert.notEqual(tokens[0]?.id, old?.id);
    assert.equal(now.metadata.uid, before.metadata.uid);
    assert.notEqual(now.data?.["api-token"], before.data?.["api-token"]);
  });

  it("a rotation waits as long as a busy API asks it to", async () => {
    const busy = { method: "POST", path: "/user/tokens$", status: 429, retryAfter: 1, times: 1 };
    await stack.set("https-edge:cloudflare.rotation", "2026-12");
    await withFault(busy, () => stack.up().then(() => {}));
    const refused = (await requests()).filter(({ status }) => status === 429);
    assert.equal(refused.length, 1);
    assert.equal((await mintedTokens()).length, 1);
  });

  it("a rotation that fails loses nothing: the old token serves, and the next up goes on", async () => {
    const [old] = await mintedTokens();
    const before = await get("secret", "cloudflare-api-token", "cert-manager");
    await stack.set("https-edge:cloudflare.rotation", "2027-01");
    await withFault({ method: "POST", path: "/user/tokens$", status: 500, message: "out of order" }, async () => {
      const { code, output } = await stack.run("up", "--yes", "--skip-preview");
      assert.notEqual(code, 0);
      assert.match(output, /out of order/);
    });
    const meanwhile = await get("secret", "cloudflare-api-token", "cert-manager");
    assert.equal(meanwhile.metadata.resourceVersion, before.metadata.resourceVersion);
    assert.deepEqual(
      (await mintedTokens()).map(({ id }) => id),
      [old?.id],
    );
    await stack.up();
    const tokens = await mintedTokens();
    assert.equal(tokens.length, 1);
    assert.notEqual(tokens[0]?.id, old?.id);
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
