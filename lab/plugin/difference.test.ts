import assert from "node:assert/strict";
import { Engine, types } from "./testing/engine";
import { type Properties, unknown } from "./value";

const record = { zoneId: "z", name: "www.example.com", type: "A", content: "192.0.2.1", ttl: 300 };
const kept = { ...record, proxied: false, settings: {}, tags: [], meta: "{}", modifiedOn: "2026-01-01T00:00:00Z" };
const policy = { effect: "allow", permissionGroups: [{ id: "g" }], resources: '{"zone":"*"}' };
const token = { accountId: "a", name: "t", policies: [policy] };
const keptToken = { ...token, status: "active", value: "v" };
const condition = { requestIp: { ins: ["192.0.2.0/24"] } };
const expiresOn = "2027-11-01T00:00:00Z";

describe("the difference between state and program", () => {
  let engine: Engine;
  before(async () => {
    engine = await Engine.start({});
  });
  after(() => engine.stop());

  const same: [string, string, Properties, Properties][] = [
    ["what the API filled in", types.dnsRecord, kept, record],
    ["a name without the zone's part", types.dnsRecord, kept, { ...record, name: "www" }],
    ["the zone itself as @", types.dnsRecord, { ...kept, name: "example.com" }, { ...record, name: "@" }],
    [
      "capitals in a target",
      types.dnsRecord,
      { ...kept, type: "CNAME", content: "a.example.com" },
      { ...record, type: "CNAME", content: "A.example.com" },
    ],
    [
      "a setting when the API filled in others",
      types.dnsRecord,
      { ...kept, settings: { ipv4Only: true, ipv6Only: false } },
      { ...record, settings: { ipv4Only: true } },
    ],
    ["a token's status and value", types.accountToken, keptToken, token],
    [
      "a token's end and condition",
      types.accountToken,
      { ...keptToken, expiresOn, condition },
      { ...token, expiresOn, condition },
    ],
  ];
  for (const [name, type, state, inputs] of same) {
    it(`is none for ${name}`, async () => {
      assert.deepEqual(await engine.diff(type, state, inputs), { changes: [], replaces: [] });
    });
  }

  const updates: [string, string, Properties, Properties, string[]][] = [
    ["another content", types.dnsRecord, kept, { ...record, content: "192.0.2.2" }, ["content"]],
    ["a content not known yet", types.dnsRecord, kept, { ...record, content: unknown }, ["content"]],
    [
      "capitals in a text",
      types.dnsRecord,
      { ...kept, type: "TXT", content: "a" },
      { ...record, type: "TXT", content: "A" },
      ["content"],
    ],
    ["another name", types.dnsRecord, kept, { ...record, name: "web.example.com" }, ["name"]],
    ["a comment no longer given", types.dnsRecord, { ...kept, comment: "c" }, record, ["comment"]],
    ["a proxy switched on by somebody else", types.dnsRecord, { ...kept, proxied: true }, record, ["proxied"]],
    [
      "a policy's resources with blanks",
      types.accountToken,
      keptToken,
      { ...token, policies: [{ ...policy, resources: '{ "zone": "*" }' }] },
      ["policies"],
    ],
    ["a token's name", types.apiToken, keptToken, { ...token, name: "u" }, ["name"]],
    [
      "a token's end and condition",
      types.apiToken,
      keptToken,
      { ...token, expiresOn, condition },
      ["condition", "expiresOn"],
    ],
    ["an end no longer given", types.accountToken, { ...keptToken, expiresOn }, token, ["expiresOn"]],
  ];
  for (const [name, type, state, inputs, changes] of updates) {
    it(`is an update for ${name}`, async () => {
      assert.deepEqual(await engine.diff(type, state, inputs), { changes, replaces: [] });
    });
  }

  const replacements: [string, string, Properties, Properties, string[]][] = [
    ["another zone", types.dnsRecord, kept, { ...record, zoneId: "y" }, ["zoneId"]],
    ["a zone not known yet", types.dnsRecord, kept, { ...record, zoneId: unknown }, ["zoneId"]],
    ["another type", types.dnsRecord, kept, { ...record, type: "CNAME", content: "lb.example.net" }, ["type"]],
    ["another account", types.accountToken, keptToken, { ...token, accountId: "b" }, ["accountId"]],
  ];
  for (const [name, type, state, inputs, replaces] of replacements) {
    it(`is a replacement for ${name}`, async () => {
      assert.deepEqual((await engine.diff(type, state, inputs)).replaces, replaces);
    });
  }
});
