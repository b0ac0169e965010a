import assert from "node:assert/strict";
import { Engine, types } from "./testing/engine";
import { type Properties, secret, unknown } from "./value";

const record = { zoneId: "z", name: "www.example.com", type: "A", ttl: 1 };
const policy = { effect: "allow", permissionGroups: [{ id: "g" }], resources: '{"zone":"*"}' };

describe("the inputs of the Cloudflare plugin", () => {
  let engine: Engine;
  before(async () => {
    engine = await Engine.start({});
  });
  after(() => engine.stop());

  const accepted: [string, string, Properties][] = [
    ["a record", types.dnsRecord, { ...record, content: "192.0.2.1", proxied: false, tags: ["a"], settings: {} }],
    [
      "a record of which much is not known yet",
      types.dnsRecord,
      { ...record, zoneId: unknown, ttl: unknown, type: unknown },
    ],
    ["a token", types.apiToken, { name: "t", policies: [policy], condition: { requestIp: { ins: ["192.0.2.0/24"] } } }],
    [
      "a token whose group is not known yet",
      types.apiToken,
      { name: "t", policies: [{ ...policy, permissionGroups: [{ id: unknown }] }] },
    ],
    ["a token whose policies are not known yet", types.apiToken, { name: "t", policies: unknown }],
    [
      "a token whose resources are not known yet",
      types.apiToken,
      { name: "t", policies: [{ ...policy, resources: unknown }] },
    ],
    [
      "a token of an account",
      types.accountToken,
      {
        accountId: "a",
        name: "t",
        policies: [policy],
        condition: { requestIp: { ins: ["192.0.2.0/24"], notIns: ["192.0.2.7/32"] } },
        expiresOn: "2027-11-01T00:00:00Z",
      },
    ],
  ];
  for (const [name, type, inputs] of accepted) {
    it(`accept ${name} as it is`, async () => {
      assert.deepEqual(await engine.check(type, inputs), { inputs, failures: [] });
    });
  }

  const rejected: [string, string, Properties, string, RegExp][] = [
    [
      "a record without zone",
      types.dnsRecord,
      { ...record, zoneId: undefined },
      "zoneId",
      /^Missing required property 'zoneId'$/,
    ],
    [
      "a property that is not there",
      types.dnsRecord,
      { ...record, value: "192.0.2.1" },
      "value",
      /argument named "value" is not expected/,
    ],
    ["a type that DNS does not know", types.dnsRecord, { ...record, type: "B" }, "type", /must be one of: A, AAAA/],
    ["text for a number", types.dnsRecord, { ...record, ttl: "auto" }, "ttl", /expected number/],
    [
      "an unknown setting",
      types.dnsRecord,
      { ...record, settings: { flatten: true } },
      "settings.flatten",
      /"flatten" is not expected/,
    ],
    ["a token without policies", types.apiToken, { name: "t" }, "policies", /^Missing required property 'policies'$/],
    [
      "a token's account where the user's is made",
      types.apiToken,
      { name: "t", accountId: "a", policies: [] },
      "accountId",
      /not expected/,
    ],
    [
      "an effect other than allow or deny",
      types.apiToken,
      { name: "t", policies: [{ ...policy, effect: "maybe" }] },
      "policies[0].effect",
      /"allow"\|"deny"/,
    ],
    [
      "resources that are no JSON",
      types.apiToken,
      { name: "t", policies: [{ ...policy, resources: "{" }] },
      "policies[0].resources",
      /valid JSON/,
    ],
  ];
  for (const [name, type, inputs, property, reason] of rejected) {
    it(`reject ${name}`, async () => {
      const { failures } = await engine.check(type, inputs);
      assert.deepEqual(
        failures.map(([path]) => path),
        [property],
      );
      assert.match(failures[0]?.[1] ?? "", reason);
    });
  }

  it("reject a resource type that the stand-in does not have", async () => {
    await assert.rejects(engine.check("cloudflare:index/zone:Zone", {}), /got cloudflare:index\/zone:Zone \(known: /);
  });

  it("reject a look-up by both id and name, or by neither", async () => {
    for (const args of [{}, { zoneId: "z", filter: { name: "example.com" } }]) {
      const { failures } = await engine.invoke("getZone", args);
      assert.match(failures[0]?.[1] ?? "", /^Exactly one .*zoneId, filter/);
    }
  });
});

describe("the configuration of the Cloudflare plugin", () => {
  let engine: Engine;
  before(async () => {
    engine = await Engine.start({});
  });
  after(() => engine.stop());

  it("keeps the token a secret", async () => {
    const apiToken = "a".repeat(40);
    const { inputs, failures } = await engine.checkConfig({ apiToken, baseUrl: "http://127.0.0.1:1" });
    assert.deepEqual(failures, []);
    assert.deepEqual(inputs, { apiToken: secret(apiToken), baseUrl: "http://127.0.0.1:1" });
  });

  it("rejects a token that is too short, and an argument that is not there", async () => {
    const { failures } = await engine.checkConfig({ apiToken: "short", token: "x" });
    assert.deepEqual(failures.map(([property]) => property).sort(), ["apiToken", "token"]);
  });
});
