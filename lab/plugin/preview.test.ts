import assert from "node:assert/strict";
import { Engine, types } from "./testing/engine";
import { type FakeApi, startApi, success } from "./testing/fakeApi";
import { secret, unknown } from "./value";

describe("a preview", () => {
  let api: FakeApi;
  let engine: Engine;
  before(async () => {
    api = await startApi(() => success({}));
    engine = await Engine.start({ baseUrl: api.baseUrl });
  });
  afterEach(() => assert.deepEqual(api.asked, [], "a preview asks nothing"));
  after(() => {
    engine.stop();
    api.close();
  });

  const record = { zoneId: unknown, name: "www.example.com", type: "A", content: unknown, ttl: 300 };

  it("of a new record knows what is given, and no id", async () => {
    const { id, state } = await engine.create(types.dnsRecord, record, true);
    assert.equal(id, "");
    const { createdOn, modifiedOn, proxied, zoneId, name } = state;
    assert.deepEqual(
      { createdOn, modifiedOn, proxied, zoneId, name },
      { createdOn: unknown, modifiedOn: unknown, proxied: false, zoneId: unknown, name: "www.example.com" },
    );
  });

  it("of a changed record knows what stays", async () => {
    const before = { ...record, zoneId: "z", content: "192.0.2.1", createdOn: "then", modifiedOn: "then" };
    const state = await engine.update(types.dnsRecord, "r", before, { ...record, zoneId: "z" }, true);
    assert.deepEqual([state.createdOn, state.modifiedOn, state.content], ["then", unknown, unknown]);
  });

  it("of a new token has a secret value that nobody knows", async () => {
    const { state } = await engine.create(types.apiToken, { name: "t", policies: unknown }, true);
    assert.deepEqual(state.value, secret(unknown));
  });
});
