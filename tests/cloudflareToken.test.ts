import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type CloudflareArgs, type CloudflareTokenArgs, tokenScopes } from "../components/cloudflareToken";
import type { Zone } from "../components/zones";
import { functions } from "./support/cloudflare";
import { mintedToken, settled, types } from "./support/deploy";
import { labels } from "./support/names";
import { accountId, component, dnsToken, first, minting, name, part, run, second, zone } from "./support/token";

const policies = [
  {
    effect: "allow",
    permissionGroups: [{ id: "aa" }, { id: "cc" }],
    resources: `{"com.cloudflare.api.account.zone.${first}":"*","com.cloudflare.api.account.zone.${second}":"*"}`,
  },
];

describe("Cloudflare token", () => {
  it("of a user carries DNS Write and Zone Read on the zones and nothing else", async () => {
    const deployment = await run({ more: { owner: "user" } });
    assert.deepEqual(deployment.list, [
      [types.apiToken, "token"],
      [component, "token"],
      [types.secret, "token"],
      [types.randomId, "token"],
    ]);
    assert.deepEqual(deployment.calls, [{ token: functions.userGroups, inputs: {}, provider: undefined }]);
    assert.deepEqual(deployment.only(types.apiToken).inputs, { name, policies });
    for (const type of [types.apiToken, types.secret, types.randomId])
      assert.deepEqual(deployment.only(type).parent, [component, "token"]);
  });

  it("of the account that the zones were found in carries the same", async () => {
    const deployment = await run();
    assert.deepEqual(deployment.list, [
      [types.accountToken, "token"],
      [component, "token"],
      [types.secret, "token"],
      [types.randomId, "token"],
    ]);
    assert.deepEqual(deployment.calls, [
      { token: functions.accountGroups, inputs: { accountId }, provider: undefined },
    ]);
    assert.deepEqual(deployment.only(types.accountToken).inputs, { accountId, name, policies });
  });

  it("is replaced, the new one first, when its name or its rights change", async () => {
    for (const [args, type] of [
      [{ more: { owner: "user" } }, types.apiToken],
      [{}, types.accountToken],
    ] as const) {
      const { options } = (await run(args)).only(type);
      assert.deepEqual(options.replaceOnChanges, ["name", "policies"]);
      assert.equal(options.deleteBeforeReplace, false);
    }
  });

  it("has a new name for each rotation", async () => {
    const keepers = async (args: Partial<CloudflareTokenArgs>) => (await run(args)).only(types.randomId).inputs;
    const label = "example.com";
    assert.deepEqual(await keepers({}), { byteLength: 4, keepers: { rotation: "", label } });
    assert.deepEqual(await keepers({ rotation: "2026-11" }), {
      byteLength: 4,
      keepers: { rotation: "2026-11", label },
    });
  });

  it("expires and is restricted to addresses as told, and a change of either is a rotation", async () => {
    const requestIp = { in: ["198.51.100.0/24"], notIn: ["198.51.100.7/32"] };
    const deployment = await run({ expires: "2999-11-01", requestIp });
    const { expiresOn, condition } = deployment.only(types.accountToken).inputs;
    assert.equal(expiresOn, "2999-11-01T00:00:00Z");
    assert.deepEqual(condition, { requestIp: { ins: requestIp.in, notIns: requestIp.notIn } });
    const { keepers } = deployment.only(types.randomId).inputs as { keepers: object };
    const usual = { rotation: "", label: "example.com" };
    assert.deepEqual(keepers, {
      ...usual,
      expiresOn: "2999-11-01T00:00:00Z",
      requestIp: '{"in":["198.51.100.0/24"],"notIn":["198.51.100.7/32"]}',
    });
  });

  it("of an account that domains name is in that account, and its Secret is named after it", async () => {
    const named = "b".repeat(32);
    const deployment = await run({ accountId, more: { accountId: named } });
    assert.equal(deployment.only(types.accountToken).inputs.accountId, named);
    assert.deepEqual(deployment.calls.at(0)?.inputs, { accountId: named });
    assert.deepEqual(await settled(part.secretRef), { name: `cloudflare-api-token.${named}`, key: "api-token" });
  });

  it("rejects zones that are found in several accounts, with the accounts", async () => {
    const other = "b".repeat(32);
    const zones = [zone("example.com", first), zone("example.org", second, { foundIn: Promise.resolve(other) })];
    await assert.rejects(run({ more: { zones } }), {
      message: `domains must name the account of their zones where these lie in several, got example.com in ${accountId} and example.org in ${other} (set accountId for the domains of each account but one, which gives it a token of its own; or set cloudflare.owner to user)`,
    });
    assert.equal((await run({ more: { zones, owner: "user" } })).only(types.apiToken).name, "token");
  });

  it("is of an account that a preview does not know, when it knows no zone", async () => {
    const zones = [zone("example.com", first, { foundIn: Promise.resolve(undefined) })];
    const deployment = await run({ more: { zones } }, { preview: true });
    assert.deepEqual(deployment.calls, []);
    assert.ok(pulumi.isUnknown(deployment.only(types.accountToken).inputs.accountId));
  });

  it("is created by another credential when one is given, which is a secret", async () => {
    const deployment = await run({ mintingToken: pulumi.secret(`${minting}\n`) });
    assert.deepEqual(
      deployment.calls.map(({ provider }) => provider),
      ["token-minting"],
    );
    const { inputs, secrets, parent } = deployment.only(types.cloudflare, "token-minting");
    assert.deepEqual([inputs, secrets, parent], [{ apiToken: minting }, ["apiToken"], [component, "token"]]);
    assert.equal(deployment.only(types.accountToken).provider, "token-minting");
    assert.deepEqual(deployment.resources.filter(({ type }) => type === types.cloudflare).length, 1);
  });

  it("given as dnsToken is used as it is, and none is created", async () => {
    const deployment = await run({ dnsToken: pulumi.secret(`${dnsToken}\n`), mintingToken: pulumi.secret(minting) });
    assert.deepEqual(deployment.list, [
      [component, "token"],
      [types.secret, "token"],
      [types.cloudflare, "token-dns"],
    ]);
    const { inputs, secrets } = deployment.only(types.secret);
    assert.deepEqual(inputs.stringData, { "api-token": dnsToken });
    assert.deepEqual(secrets, ["stringData"]);
    assert.deepEqual(deployment.only(types.cloudflare).inputs, { apiToken: dnsToken });
    assert.deepEqual(deployment.only(types.cloudflare).secrets, ["apiToken"]);
  });

  it("given as dnsToken is tried by itself on each zone and its records", async () => {
    const { calls } = await run({ dnsToken: pulumi.secret(dnsToken) });
    const zones = [
      ["example.org", second],
      ["example.com", first],
    ] as const;
    assert.deepEqual(
      calls.map(({ token, inputs, provider }) => [token, inputs, provider]),
      [
        ...zones.map(([, zoneId]) => [functions.zone, { zoneId }, "token-dns"]),
        ...zones.map(([zone, zoneId]) => [
          functions.records,
          { zoneId, type: "TXT", name: { exact: `_acme-challenge.${zone}` }, maxItems: 1 },
          "token-dns",
        ]),
      ],
    );
  });

  it("given as dnsToken is not tried by a preview that does not know the zones", async () => {
    const unknown = [zone("example.com", first, { found: Promise.resolve(undefined) })];
    const args = { more: { zones: unknown }, dnsToken: pulumi.secret(dnsToken) };
    assert.deepEqual((await run(args, { preview: true })).calls, []);
  });

  it("stands in a Secret that cert-manager caches, marked as a secret", async () => {
    const { inputs, secrets } = (await run()).only(types.secret);
    assert.deepEqual(inputs, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "cloudflare-api-token",
        namespace: "cert-manager",
        labels: { ...labels, "controller.cert-manager.io/fao": "true" },
      },
      stringData: { "api-token": mintedToken },
    });
    assert.deepEqual(secrets, ["stringData"]);
    assert.deepEqual(await settled(part.secretRef), { name: "cloudflare-api-token", key: "api-token" });
  });

  it("rejects a created token without a value", () =>
    assert.rejects(run({}, { outputs: ({ type }) => (type === types.accountToken ? { value: "" } : undefined) }), {
      message: "cloudflare must return the new token's value, got none (change cloudflare.rotation to create another)",
    }));
});

describe("Cloudflare tokens", () => {
  const other = "b".repeat(32);
  const scopes = (args: CloudflareArgs, zones: Zone[]) =>
    tokenScopes(args, zones).map((scope) => [scope.owner, scope.accountId, scope.zones.map((each) => each.name)]);
  const here = zone("example.com", first);
  const there = zone("example.org", second, { accountId: other });
  const byId = zone("example.net", "3".repeat(32), { lookedUp: false, foundIn: Promise.resolve(undefined) });

  for (const [what, args, zones, expected] of [
    [
      "one for the account that a zone is found in",
      {},
      [here, byId],
      [["account", undefined, ["example.com", "example.net"]]],
    ],
    [
      "one for each account that domains name",
      {},
      [here, there, byId],
      [
        ["account", undefined, ["example.com", "example.net"]],
        ["account", other, ["example.org"]],
      ],
    ],
    [
      "one, when the account that a domain names is everybody's",
      { accountId: other },
      [here, there],
      [["account", undefined, ["example.com", "example.org"]]],
    ],
    ["one of the user, when nothing tells the account", {}, [byId], [["user", undefined, ["example.net"]]]],
    ["one of the account, when it is given", { accountId }, [byId], [["account", undefined, ["example.net"]]]],
    [
      "one of the user for all zones, when it is to be the user's",
      { owner: "user", accountId },
      [here, there],
      [["user", undefined, ["example.com", "example.org"]]],
    ],
    [
      "one for all zones, when it is given",
      { dnsToken: pulumi.secret(dnsToken) },
      [here, there],
      [["user", undefined, ["example.com", "example.org"]]],
    ],
  ] as [string, CloudflareArgs, Zone[], unknown[]][]) {
    it(`are ${what}`, () => assert.deepEqual(scopes(args, zones), expected));
  }
});
