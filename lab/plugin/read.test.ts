import assert from "node:assert/strict";
import { answering } from "./testing/answering";
import { types } from "./testing/engine";
import { failure, success } from "./testing/fakeApi";

const record = { zoneId: "z", name: "www.example.com", type: "A", content: "192.0.2.1", ttl: 300 };
const answered = {
  id: "r",
  ...record,
  zoneId: undefined,
  proxied: false,
  comment: null,
  tags: [],
  settings: {},
  meta: {},
};
const group = (id: string) => ({ id, name: `group ${id}` });
const policies = [{ id: "p", effect: "allow", resources: { zone: "*" }, permission_groups: [group("1"), group("2")] }];

describe("a resource that is read", () => {
  const shared = answering();

  it("is gone when the API does not find it", async () => {
    shared.answer = failure(404, 81044, "Record does not exist.");
    assert.deepEqual(await shared.engine.read(types.dnsRecord, "r", record, record), { id: "", state: {}, inputs: {} });
  });

  for (const status of ["expired", "revoked (exposed)"]) {
    it(`is gone when it is a token that is ${status}`, async () => {
      shared.answer = success({ id: "t", name: "t", status, policies });
      assert.equal((await shared.engine.read(types.apiToken, "t", { name: "t" }, { name: "t" })).id, "");
    });
  }

  it("brings into the inputs what somebody else has changed, and nothing more", async () => {
    shared.answer = success({ ...answered, content: "192.0.2.66" });
    const { inputs, state } = await shared.engine.read(types.dnsRecord, "r", record, record);
    assert.deepEqual(inputs, { ...record, content: "192.0.2.66" });
    assert.equal(state.content, "192.0.2.66");
  });

  it("keeps the order in which the program gave the groups", async () => {
    shared.answer = success({ id: "t", name: "t", status: "active", policies });
    const given = [{ effect: "allow", permissionGroups: [{ id: "2" }, { id: "1" }], resources: '{"zone":"*"}' }];
    const { state } = await shared.engine.read(types.apiToken, "t", { name: "t", policies: given, value: "v" });
    assert.deepEqual(state.policies, given);
  });

  it("is imported by the id of its zone and its own", async () => {
    shared.answer = success(answered);
    const { id, inputs, state } = await shared.engine.read(types.dnsRecord, "z/r");
    assert.deepEqual(inputs, record);
    assert.equal(id, "r");
    assert.equal(state.meta, "{}");
    assert.equal(shared.api.asked[0]?.path, "/client/v4/zones/z/dns_records/r");
  });

  it("is imported by the id of its account and its own", async () => {
    shared.answer = success({ id: "t", name: "t", status: "active", policies });
    const { id, state } = await shared.engine.read(types.accountToken, "a/t");
    assert.deepEqual([id, state.accountId, state.value], ["t", "a", undefined]);
  });

  it("rejects an id of another form", async () => {
    await assert.rejects(shared.engine.read(types.dnsRecord, "r"), /invalid ID: expected <zoneId>\/<id>, got "r"/);
  });
});
