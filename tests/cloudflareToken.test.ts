import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type CloudflareArgs, type CloudflareTokenArgs, tokenScopes } from "../components/cloudflareToken";
import type { Zone } from "../components/zones";
import { functions } from "./support/cloudflare";
import { stand, way } from "./support/cluster";
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

  it("has a new name in each period of its greatest age", async () => {
    const keepers = async (maxAgeDays: number) =>
      ((await run({ maxAgeDays })).only(types.randomId).inputs.keepers as { period: string }).period;
    const day = Math.floor(Date.now() / 86_400_000);
    assert.equal(await keepers(90), `${Math.floor(day / 90)} of 90 days`);
    assert.notEqual(await keepers(90), await keepers(30));
  });

  describe("before it stands in the Secret", () => {
    const refused = { status: 403, errors: [{ code: 9109, message: "Invalid access token" }] };
    const paths: string[] = [];
    const answering = (times: number) => {
      paths.length = 0;
      return ({ path, token }: { path: string; token: string }) => {
        assert.equal(token, mintedToken);
        paths.push(path);
        return paths.length > times ? { result: [] } : refused;
      };
    };
    const records = [first, second].map((id) => `/zones/${id}/dns_records?per_page=1`);

    it("reads the records of each zone", async () => {
      await run({}, { api: answering(0) });
      assert.deepEqual([...paths].sort(), records);
    });

    it("is waited for until Cloudflare knows it everywhere", async () => {
      const deployment = await run({}, { api: answering(1) });
      assert.equal(paths.length, 3);
      assert.equal(deployment.only(types.secret).name, "token");
    });

    it("is named when it cannot, and does not come to stand there", async () => {
      const seen: string[] = [];
      const outputs = ({ type }: { type: string }) => void seen.push(type) as undefined;
      await assert.rejects(run({ seconds: 1 }, { api: answering(9), outputs }), {
        message: `the new Cloudflare token "${name}" must be able to read the DNS records of its zones, got "403 Invalid access token (9109)" for the zone ${second}, after 1 s (the Secret keeps the token before; run pulumi up again, which goes on)`,
      });
      assert.ok(seen.includes(types.accountToken) && !seen.includes(types.secret));
    });

    it("is used with a warning where Cloudflare cannot be asked from here", async () => {
      const { warnings } = await run({}, { api: () => undefined });
      assert.deepEqual(warnings, [
        `The new Cloudflare token "${name}" could not be tried from here before it is used: other side closed`,
      ]);
    });

    it("is not tried from here when it is taken from other addresses alone", async () => {
      await run({ requestIp: { in: ["192.0.2.0/24"] } }, { api: answering(9) });
      assert.deepEqual(paths, []);
    });

    it("is not tried again once cert-manager was seen to use it", async () => {
      const secret = "/api/v1/namespaces/cert-manager/secrets/cloudflare-api-token";
      stand({ [secret]: { name: "cloudflare-api-token", annotations: { "https-edge/proven": "token-id" } } });
      await run({ way: way() }, { api: answering(9) });
      assert.deepEqual(paths, []);
      stand();
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
