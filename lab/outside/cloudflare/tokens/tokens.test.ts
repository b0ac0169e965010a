import assert from "node:assert/strict";
import { accountId, accounts } from "../account";
import { asking, onZone, Running, records, type Thing } from "../testing/running";
import { groupNamed } from "./permissions";

const [dnsWrite, zoneRead] = [groupNamed("DNS Write"), groupNamed("Zone Read")];
const dns01 = asking("dns01", ["Zone Read", "DNS Write"], onZone("example.com"));

for (const [kind, path, prefix] of [
  ["user", "/user/tokens", "cfut_"],
  ["account", `/accounts/${accountId}/tokens`, "cfat_"],
] as const) {
  describe(`the tokens of the ${kind}`, () => {
    let cloudflare: Running;
    const ask = <Result = Thing>(method: string, below = "", body?: unknown) =>
      cloudflare.ask<Result>("deploy", method, path + below, body);
    const create = async (body: unknown = dns01) =>
      (await ask<Thing & { value: string }>("POST", "", body)).body.result;
    const opens = async (value: string) => (await cloudflare.ask(value, "GET", records())).status === 200;
    before(async () => {
      cloudflare = await Running.start();
    });
    beforeEach(() => cloudflare.world.reset());
    after(() => cloudflare.stop());

    it("open what they were made for", async () => assert.equal(await opens((await create()).value), true));

    it("tell their value when they are made, and never again", async () => {
      const { value, ...told } = await create();
      assert.match(value, new RegExp(`^${prefix}[0-9a-f]{48}$`));
      for (const text of [
        await ask("GET", `/${told.id}`),
        await ask("GET"),
        await ask("PUT", `/${told.id}`, dns01),
        await cloudflare.control("GET", "/state"),
        await cloudflare.control("GET", "/requests"),
        await (await fetch(cloudflare.controlUrl)).text(),
      ])
        assert.ok(!JSON.stringify(text).includes(value.slice(5)));
    });

    it("tell every field that was given: resources as they came, permission groups by id", async () => {
      const more = {
        condition: { request_ip: { in: ["203.0.113.0/24"] } },
        not_before: "2026-01-01T00:00:00Z",
        expires_on: "2027-01-01T00:00:00Z",
      };
      const resources = { ...onZone("example.org"), ...onZone("example.com") };
      const { id } = await create(asking("all", ["Zone Read", "DNS Write"], resources, more));
      const { issued_on, modified_on, policies, ...told } = (await ask("GET", `/${id}`)).body.result;
      assert.deepEqual(told, { id, name: "all", status: "active", ...more });
      assert.deepEqual([issued_on, modified_on], ["2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"]);
      assert.match(
        JSON.stringify(policies),
        new RegExp(
          `^\\[{"id":"[0-9a-f]{32}","effect":"allow","resources":${JSON.stringify(resources).replaceAll("*", "\\*")},` +
            `"permission_groups":\\[{"id":"${dnsWrite.id}","name":"DNS Write"},{"id":"${zoneRead.id}","name":"Zone Read"}\\]}\\]$`,
        ),
      );
    });

    it("change their policies at once, and keep their value", async () => {
      const { id, value } = await create();
      await ask("PUT", `/${id}`, asking("renamed", ["DNS Write"], onZone("example.org")));
      assert.equal(await opens(value), false);
      assert.equal((await cloudflare.ask(value, "GET", records("example.org"))).status, 200);
      assert.equal((await ask("GET", `/${id}`)).body.result.name, "renamed");
    });

    it("stop working when deleted", async () => {
      const { id, value } = await create();
      assert.deepEqual((await ask("DELETE", `/${id}`)).body.result, { id });
      assert.equal(await opens(value), false);
      for (const method of ["GET", "DELETE"]) {
        const { status, codes } = await ask(method, `/${id}`);
        assert.deepEqual([status, codes], [404, [1001]]);
      }
    });

    it("stop working when disabled, and work again when active", async () => {
      const { id, value } = await create();
      await ask("PUT", `/${id}`, { ...dns01, status: "disabled" });
      assert.equal(await opens(value), false);
      assert.equal((await ask("GET", `/${id}`)).body.result.status, "disabled");
      await ask("PUT", `/${id}`, { ...dns01, status: "active" });
      assert.equal(await opens(value), true);
    });

    it("work from their first moment to their last", async () => {
      const times = { not_before: "2026-11-23T13:00:00Z", expires_on: "2026-11-23T14:00:00Z" };
      const { id, value } = await create({ ...dns01, ...times });
      const start = cloudflare.clock;
      for (const [hours, expected] of [
        [0.9, false],
        [1, true],
        [1.9, true],
        [2, false],
      ] as const) {
        cloudflare.clock = start + hours * 3_600_000;
        assert.equal(await opens(value), expected, `after ${hours} hours`);
      }
      assert.equal((await ask("GET", `/${id}`)).body.result.status, "expired");
      cloudflare.clock = start;
    });

    it("are taken from the addresses of their condition alone", async () => {
      const from = async (request_ip: object) => {
        const { value } = await create({ ...dns01, condition: { request_ip } });
        return cloudflare.ask(value, "GET", records());
      };
      for (const condition of [{ in: ["127.0.0.0/8"] }, { in: ["127.0.0.1"] }, { not_in: ["192.0.2.0/24"] }])
        assert.equal((await from(condition)).status, 200, JSON.stringify(condition));
      for (const condition of [
        { in: ["192.0.2.0/24"] },
        { in: ["2001:db8::/32"] },
        { in: ["127.0.0.0/8"], not_in: ["127.0.0.1/32"] },
      ]) {
        const { status, body } = await from(condition);
        assert.equal(status, 403, JSON.stringify(condition));
        const message = "Cannot use the access token from location: 127.0.0.1";
        assert.deepEqual(body.errors, [{ code: 9109, message }]);
      }
    });

    it("have another value after a roll", async () => {
      const { id, value } = await create();
      const rolled = (await ask<string>("PUT", `/${id}/value`, {})).body.result;
      assert.deepEqual([await opens(value), await opens(rolled)], [false, true]);
    });

    it("may have the same name twice", async () => assert.notEqual((await create()).id, (await create()).id));

    it("are listed apart from those of the other kind", async () => {
      const { id } = await create();
      const found = (await ask<Thing[]>("GET")).body.result.filter(({ name }) => name === "dns01");
      assert.deepEqual(
        found.map((token) => token.id),
        [id],
      );
      const other = kind === "user" ? `/accounts/${accountId}/tokens` : "/user/tokens";
      const { body } = await cloudflare.ask<Thing[]>("deploy", "GET", other);
      assert.ok(!body.result.some((token) => token.id === id));
      assert.equal((await cloudflare.ask("deploy", "GET", `${other}/${id}`)).status, 404);
    });

    it("are verified by their own form of the call only", async () => {
      const { id, value } = await create();
      const { status, body } = await cloudflare.ask(value, "GET", `${path}/verify`);
      assert.equal(status, 200);
      assert.deepEqual(body.result, { id, status: "active" });
      assert.deepEqual(body.messages, [{ code: 10000, message: "This API Token is valid and active", type: null }]);
      const other = kind === "user" ? `/accounts/${accountId}/tokens` : "/user/tokens";
      const refused = await cloudflare.ask(value, "GET", `${other}/verify`);
      assert.deepEqual([refused.status, refused.codes], [401, [1000]]);
    });

    const strange = { "com.cloudflare.api.account.zone.ffffffffffffffffffffffffffffffff": "*" };
    for (const [what, body] of [
      ["no name", { ...dns01, name: undefined }],
      ["no policy", { ...dns01, policies: [] }],
      [
        "an unknown permission group",
        { ...dns01, policies: [{ ...dns01.policies[0], permission_groups: [{ id: "0" }] }] },
      ],
      ["a policy that exists", { ...dns01, policies: [{ ...dns01.policies[0], id: "0".repeat(32) }] }],
      ["resources as text", { ...dns01, policies: [{ ...dns01.policies[0], resources: "{}" }] }],
      ["a condition that is no range", { ...dns01, condition: { request_ip: { in: ["here"] } } }],
      ["no resource", asking("t", ["DNS Write"], {})],
      ["a zone of somebody else", asking("t", ["DNS Write"], strange)],
    ] as const) {
      it(`reject ${what}`, async () => {
        const { status, codes } = await ask("POST", "", body);
        assert.deepEqual([status, codes], [400, [1001]]);
      });
    }

    it("offer permission groups by name and scope", async () => {
      const names = async (query: string) =>
        (await ask<Thing[]>("GET", `/permission_groups${query}`)).body.result.map(({ name }) => name);
      assert.ok((await names("")).length >= 12);
      assert.deepEqual(await names("?name=DNS+Write"), ["DNS Write"]);
      assert.deepEqual(await names("?name=DNS%20Write&scope=com.cloudflare.api.account.zone"), ["DNS Write"]);
      assert.deepEqual(await names("?name=DNS+Edit"), []);
      assert.ok((await names("?scope=com.cloudflare.api.user")).includes("API Tokens Write"));
    });
  });
}

describe("a token of an account", () => {
  let cloudflare: Running;
  before(async () => {
    cloudflare = await Running.start();
  });
  after(() => cloudflare.stop());

  it("cannot be for a zone of another account, as a user's can", async () => {
    const both = asking("both", ["DNS Write"], { ...onZone("example.com"), ...onZone("example.net") });
    const create = async (path: string) => (await cloudflare.ask("deploy", "POST", path, both)).status;
    assert.equal(await create("/user/tokens"), 200);
    for (const { id } of accounts) assert.equal(await create(`/accounts/${id}/tokens`), 400, id);
  });
});

describe("a token of the account that mints others", () => {
  let cloudflare: Running;
  before(async () => {
    cloudflare = await Running.start();
  });
  after(() => cloudflare.stop());

  it("cannot grant on a zone what it does not hold there itself", async () => {
    const path = `/accounts/${accountId}/tokens`;
    const account = { [`com.cloudflare.api.account.${accountId}`]: "*" };
    const [minting, zone] = [
      asking("minter", ["Account API Tokens Write"], account),
      asking("minter", ["Zone Read"], onZone("example.com")),
    ];
    const minter = { ...minting, policies: [...minting.policies, ...zone.policies] };
    const { value } = (await cloudflare.ask<{ value: string }>("deploy", "POST", path, minter)).body.result;
    const { status, body } = await cloudflare.ask(value, "POST", path, dns01);
    assert.equal(status, 400);
    const message = 'Failed common permission check against resources. (Permission group: "DNS Write")';
    assert.deepEqual(body.errors, [{ code: 1001, message }]);
    assert.equal(
      (await cloudflare.ask(value, "POST", path, asking("t", ["Zone Read"], onZone("example.com")))).status,
      200,
    );
  });
});
