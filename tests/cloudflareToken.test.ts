import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CloudflareToken, type CloudflareTokenArgs } from "../components/cloudflareToken";
import { Preflight } from "../components/resources/preflight";
import { permissionGroups } from "./support/cloudflare";
import { type Deployment, deploy, mintedToken, settled, types, type World } from "./support/deploy";
import { labels } from "./support/names";

const accountId = "a".repeat(32);
const [first, second] = ["1".repeat(32), "2".repeat(32)];
const component = "https-edge:index:CloudflareToken";
let part: CloudflareToken;
const run = (args: Partial<CloudflareTokenArgs> = {}, world: World = {}): Promise<Deployment> =>
  deploy(() => {
    // In descending order, to see them sorted.
    const zones = [{ id: pulumi.output(second) }, { id: pulumi.output(first) }];
    const preflight = new Preflight();
    part = new CloudflareToken(
      "token",
      { label: "example.com", zones, preflight, namespace: "cert-manager", ...args },
      {},
    );
  }, world);

const name = "https-edge example.com c0ffee00";
const policies = [
  {
    effect: "allow",
    permissionGroups: [{ id: "aa" }, { id: "cc" }],
    resources: `{"com.cloudflare.api.account.zone.${first}":"*","com.cloudflare.api.account.zone.${second}":"*"}`,
  },
];

describe("Cloudflare token", () => {
  it("of a user carries DNS Write and Zone Read on the zones and nothing else", async () => {
    const deployment = await run();
    assert.deepEqual(deployment.list, [
      [types.apiToken, "token"],
      [component, "token"],
      [types.secret, "token"],
      [types.randomId, "token"],
    ]);
    assert.deepEqual(deployment.calls, [{ token: permissionGroups.user, inputs: {}, provider: undefined }]);
    assert.deepEqual(deployment.only(types.apiToken).inputs, { name, policies });
    for (const type of [types.apiToken, types.secret, types.randomId])
      assert.deepEqual(deployment.only(type).parent, [component, "token"]);
  });

  it("of an account carries the same", async () => {
    const deployment = await run({ accountId });
    assert.deepEqual(deployment.list, [
      [types.accountToken, "token"],
      [component, "token"],
      [types.secret, "token"],
      [types.randomId, "token"],
    ]);
    assert.deepEqual(deployment.calls, [
      { token: permissionGroups.account, inputs: { accountId }, provider: undefined },
    ]);
    assert.deepEqual(deployment.only(types.accountToken).inputs, { accountId, name, policies });
  });

  it("is replaced, the new one first, when its name or its rights change", async () => {
    for (const [args, type] of [
      [{}, types.apiToken],
      [{ accountId }, types.accountToken],
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

  it("is created by another credential when one is given, which is a secret", async () => {
    const deployment = await run({ mintingToken: pulumi.secret("minting") });
    assert.deepEqual(
      deployment.calls.map(({ provider }) => provider),
      ["token-minting"],
    );
    const { inputs, secrets, parent } = deployment.only(types.cloudflare, "token-minting");
    assert.deepEqual([inputs, secrets, parent], [{ apiToken: "minting" }, ["apiToken"], [component, "token"]]);
    assert.equal(deployment.only(types.apiToken).provider, "token-minting");
    assert.deepEqual(deployment.resources.filter(({ type }) => type === types.cloudflare).length, 1);
  });

  it("given as dnsToken is used as it is, and none is created", async () => {
    const dnsToken = "brought-0123456789012345678901234567890123456789";
    const deployment = await run({ dnsToken: pulumi.secret(`${dnsToken}\n`), mintingToken: pulumi.secret("minting") });
    assert.deepEqual(deployment.list, [
      [component, "token"],
      [types.secret, "token"],
    ]);
    assert.deepEqual(deployment.calls, []);
    const { inputs, secrets } = deployment.only(types.secret);
    assert.deepEqual(inputs.stringData, { "api-token": dnsToken });
    assert.deepEqual(secrets, ["stringData"]);
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

  for (const dnsToken of ["", "short", "0123456789abcdef0123456789abcdef01234", `${"a".repeat(40)} b`]) {
    it(`rejects "${dnsToken}" given as dnsToken, without showing it`, () =>
      assert.rejects(run({ dnsToken: pulumi.secret(dnsToken) }), {
        message:
          "cloudflare.dnsToken must be an API token of at least 40 letters, digits, - and _, got something else (an API key does not do; create a token at https://dash.cloudflare.com/profile/api-tokens)",
      }));
  }

  it("rejects an account that lists no group for its rights", () =>
    assert.rejects(run({}, { answer: () => ({ results: [] }) }), {
      message:
        'cloudflare must list exactly one permission group "DNS Write" for zones, got 0 (the deploying token must be allowed to create tokens; or set dnsToken)',
    }));

  it("rejects a created token without a value", () =>
    assert.rejects(run({}, { outputs: ({ type }) => (type === types.apiToken ? { value: "" } : undefined) }), {
      message: "cloudflare must return the new token's value, got none (change cloudflare.rotation to create another)",
    }));
});
