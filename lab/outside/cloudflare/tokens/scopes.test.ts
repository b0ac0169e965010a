import assert from "node:assert/strict";
import { accountId, userId, zones } from "../account";
import { asking, onZone, Running, records, type Thing, zoneId } from "../testing/running";

const txt = { type: "TXT", name: "_acme-challenge", content: "x", ttl: 120 };
const accountTokens = `/accounts/${accountId}/tokens`;

describe("the scopes of a token", () => {
  let cloudflare: Running;
  before(async () => {
    cloudflare = await Running.start();
  });
  beforeEach(() => cloudflare.world.reset());
  after(() => cloudflare.stop());

  const verdict = async (who: string, method: string, path: string, body?: unknown) => {
    const { status, codes } = await cloudflare.ask(who, method, path, body);
    return [status, ...codes];
  };
  const mint = async (groups: string[], resources: unknown, more = {}, path = "/user/tokens") => {
    const { body } = await cloudflare.ask<{ value: string }>(
      "deploy",
      "POST",
      path,
      asking("t", groups, resources, more),
    );
    return body.result.value;
  };

  it("keep a token for one zone out of another", async () => {
    assert.deepEqual(await verdict("dnsOnly", "POST", records("example.com"), txt), [200]);
    for (const method of ["GET", "POST"])
      assert.deepEqual(
        await verdict("dnsOnly", method, records("example.org"), method === "POST" ? txt : undefined),
        [403, 10000],
      );
    assert.deepEqual(await verdict("otherZone", "GET", records("example.com")), [403, 10000]);
  });

  it("keep one that may read from writing", async () => {
    const { body } = await cloudflare.ask("deploy", "POST", records(), txt);
    const one = `${records()}/${body.result.id}`;
    assert.deepEqual(await verdict("readOnly", "GET", one), [200]);
    assert.deepEqual(await verdict("readOnly", "POST", records(), txt), [403, 10000]);
    for (const method of ["PUT", "PATCH"]) assert.deepEqual(await verdict("readOnly", method, one, txt), [403, 10000]);
    assert.deepEqual(await verdict("readOnly", "DELETE", one), [403, 10000]);
  });

  it("keep one for DNS from tokens and permission groups", async () => {
    for (const path of ["/user/tokens", accountTokens]) {
      assert.deepEqual(await verdict("dnsOnly", "GET", path), [403, 9109]);
      assert.deepEqual(await verdict("dnsOnly", "GET", `${path}/permission_groups`), [403, 9109]);
      assert.deepEqual(
        await verdict("dnsOnly", "POST", path, asking("t", ["DNS Write"], onZone("example.com"))),
        [403, 9109],
      );
    }
  });

  it("do not let a minter of user tokens mint account tokens, nor the reverse", async () => {
    const user = await mint(["API Tokens Write"], { [`com.cloudflare.api.user.${userId}`]: "*" });
    const account = await mint(["Account API Tokens Write"], { [`com.cloudflare.api.account.${accountId}`]: "*" });
    assert.deepEqual(
      [await verdict(user, "GET", "/user/tokens"), await verdict(user, "GET", accountTokens)],
      [[200], [403, 9109]],
    );
    assert.deepEqual(
      [await verdict(account, "GET", "/user/tokens"), await verdict(account, "GET", accountTokens)],
      [[403, 9109], [200]],
    );
  });

  const resources: [form: string, resources: unknown, zones: string[]][] = [
    ["one zone", onZone("example.net"), ["example.net"]],
    ["two zones", { ...onZone("example.com"), ...onZone("example.net") }, ["example.com", "example.net"]],
    ["all zones", { "com.cloudflare.api.account.zone.*": "*" }, zones.map(({ name }) => name)],
    [
      "all zones of the account",
      { [`com.cloudflare.api.account.${accountId}`]: { "com.cloudflare.api.account.zone.*": "*" } },
      zones.filter(({ account }) => account.id === accountId).map(({ name }) => name),
    ],
    [
      "one zone within the account",
      { [`com.cloudflare.api.account.${accountId}`]: onZone("example.org") },
      ["example.org"],
    ],
    ["the account alone", { [`com.cloudflare.api.account.${accountId}`]: "*" }, []],
  ];
  for (const [form, given, expected] of resources) {
    it(`cover with ${form}: ${expected.join(", ") || "no zone"}`, async () => {
      const value = await mint(["Zone Read", "DNS Write"], given);
      const { body } = await cloudflare.ask<Thing[]>(value, "GET", "/zones");
      assert.deepEqual(
        body.result.map(({ name }) => name),
        expected,
      );
      for (const { name } of zones) {
        const wanted = expected.includes(name) ? [200] : [403, 10000];
        assert.deepEqual(await verdict(value, "POST", records(name), txt), wanted);
      }
    });
  }

  it("need both groups: a zone is not found without Zone Read, its records are not read without DNS", async () => {
    const dns = await mint(["DNS Write"], onZone("example.com"));
    const zone = await mint(["Zone Read"], onZone("example.com"));
    assert.deepEqual((await cloudflare.ask(dns, "GET", "/zones?name=example.com")).body.result, []);
    assert.deepEqual(await verdict(dns, "GET", records()), [200]);
    assert.deepEqual(await verdict(zone, "GET", `/zones/${zoneId("example.com")}`), [200]);
    assert.deepEqual(await verdict(zone, "GET", records()), [403, 10000]);
  });

  it("let a policy that denies win over one that allows", async () => {
    const [allow] = asking("t", ["DNS Write"], { "com.cloudflare.api.account.zone.*": "*" }).policies;
    const [deny] = asking("t", ["DNS Write"], onZone("example.org")).policies;
    const body = { name: "t", policies: [allow, { ...deny, effect: "deny" }] };
    const { value } = (await cloudflare.ask<{ value: string }>("deploy", "POST", "/user/tokens", body)).body.result;
    assert.deepEqual(await verdict(value, "POST", records("example.com"), txt), [200]);
    assert.deepEqual(await verdict(value, "POST", records("example.org"), txt), [403, 10000]);
  });
});
