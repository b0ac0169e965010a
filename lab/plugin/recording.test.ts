import assert from "node:assert/strict";
import { Engine, types } from "./testing/engine";
import { type FakeApi, startApi } from "./testing/fakeApi";
import { answerOf, recorded, written } from "./testing/recording";
import { type Properties, secret } from "./value";

const accountId = "0000000000000000000000000000000a";
const zoneId = "00000000000000000000000000000002";
const group = { id: "4755a26eedb94da69e1066d98aa820be" };
const policy = (resource: string) => ({
  effect: "allow",
  permissionGroups: [group],
  resources: JSON.stringify({ [`com.cloudflare.api.account.${resource}`]: "*" }),
});

// The program that was run against the real provider.
const program = (ip: string, tokenName: string) => ({
  a: { zoneId, name: "www.example.test", type: "A", content: ip, ttl: 1, proxied: true, comment: "lab" },
  c: { zoneId, name: "alias.example.test", type: "CNAME", content: "www.example.test", ttl: 300 },
  t: { name: tokenName, policies: [policy(`zone.${zoneId}`)] },
  at: { accountId, name: "lab account token", policies: [policy(accountId)] },
});
const typeOf = { a: types.dnsRecord, c: types.dnsRecord, t: types.apiToken, at: types.accountToken };
const names = ["a", "c", "t", "at"] as const;

describe("the exchange with the API", () => {
  let api: FakeApi;
  let engine: Engine;
  let mark = "";
  const state: Record<string, { id: string; inputs: Properties; state: Properties }> = {};
  const existing = (name: string) => state[name] ?? assert.fail(`${name} was not made`);

  before(async () => {
    api = await startApi((asked) => answerOf(mark, asked));
    engine = await Engine.start({ apiToken: "t".repeat(40), baseUrl: api.baseUrl });
  });
  after(() => {
    engine.stop();
    api.close();
  });

  /** Runs the program: look-ups, then for each resource what the engine finds it must do. */
  const run = async (wanted: ReturnType<typeof program>, preview = false): Promise<void> => {
    const groups = await engine.invoke("getApiTokenPermissionGroupsList", { name: "DNS Write" });
    assert.deepEqual(groups.result.results, [
      { ...group, name: "DNS Write", scopes: ["com.cloudflare.api.account.zone"] },
    ]);
    await engine.invoke("getApiTokenPermissionGroupsList", {});
    await engine.invoke("getAccountApiTokenPermissionGroupsList", { accountId, name: "DNS Write" });
    await engine.invoke("getZone", { zoneId });
    const { result } = await engine.invoke("getZone", { filter: { name: "example.test" } });
    assert.equal(result.zoneId, zoneId);
    for (const name of names) {
      const type = typeOf[name];
      const { inputs, failures } = await engine.check(type, wanted[name]);
      assert.deepEqual(failures, []);
      const old = state[name];
      if (!old) {
        const made = await engine.create(type, inputs, preview);
        if (!preview) state[name] = { ...made, inputs };
      } else if ((await engine.diff(type, old.state, inputs)).changes.length > 0) {
        state[name] = { ...old, inputs, state: await engine.update(type, old.id, old.state, inputs) };
      }
    }
  };

  const steps: [string, () => Promise<void>][] = [
    ["preview", () => run(program("192.0.2.1", "lab token"), true)],
    ["up", () => run(program("192.0.2.1", "lab token"))],
    ["up again (no change)", () => run(program("192.0.2.1", "lab token"))],
    [
      "refresh",
      async () => {
        for (const name of names) {
          const { id, inputs, state: before } = existing(name);
          const found = await engine.read(typeOf[name], id, before, inputs);
          assert.deepEqual(found, { id, inputs, state: before });
        }
      },
    ],
    ["preview after refresh", () => run(program("192.0.2.1", "lab token"), true)],
    ["update ip", () => run(program("192.0.2.9", "lab token"))],
    ["update token name", () => run(program("192.0.2.9", "lab token 2"))],
    ["up again 2", () => run(program("192.0.2.9", "lab token 2"))],
    [
      "destroy",
      async () => {
        for (const name of names) await engine.delete(typeOf[name], existing(name).id, existing(name).state);
      },
    ],
  ];

  for (const [name, step] of steps) {
    it(`is the recorded one in: ${name}`, async () => {
      mark = name;
      api.asked.length = 0;
      await step();
      assert.deepEqual(written(api.asked), recorded(name));
    });
  }

  it("leaves the answers in the state, as @pulumi/cloudflare spells them", () => {
    assert.deepEqual(existing("a").state, {
      ...program("192.0.2.9", "").a,
      commentModifiedOn: "2026-11-23T05:41:12Z",
      createdOn: "2026-11-23T05:41:12Z",
      meta: "{}",
      modifiedOn: "2026-11-23T05:41:19Z",
      proxiable: true,
      settings: {},
      tags: [],
    });
  });

  it("keeps a token's value in the state as a secret through an update that does not return it", () => {
    assert.deepEqual(existing("t").state, {
      ...program("", "lab token 2").t,
      status: "active",
      issuedOn: "2026-11-23T05:41:12Z",
      modifiedOn: "2026-11-23T05:41:21Z",
      value: secret("fake_823d245cba2243bdbe1d44c1baa7d19b"),
    });
  });
});
