import assert from "node:assert/strict";
import { answering } from "./testing/answering";
import { failure, success } from "./testing/fakeApi";

const record = {
  id: "r",
  name: "www.example.com",
  type: "A",
  content: "192.0.2.1",
  ttl: 1,
  settings: { ipv4_only: true },
};
const policy = { id: "p", effect: "allow", resources: { "com.zone.z": "*" }, permission_groups: [{ id: "g" }] };
const token = { id: "t", name: "dns", status: "disabled", issued_on: "2026-01-01T00:00:00Z", policies: [policy] };

describe("a look-up", () => {
  const shared = answering();

  const asked = () => shared.api.asked.map(({ method, path }) => `${method} ${path.replace("/client/v4", "")}`);

  it("of records filters by type and name at the API, and by number itself", async () => {
    shared.answer = success([record, { ...record, id: "s", meta: { auto: true } }]);
    const inputs = { zoneId: "z", type: "A", name: { exact: "www.example.com" } };
    const { result } = await shared.engine.invoke("getDnsRecords", { ...inputs, maxItems: 1 });
    assert.deepEqual(asked(), ["GET /zones/z/dns_records?name.exact=www.example.com&type=A"]);
    const { settings: _, ...same } = record;
    assert.deepEqual(result, {
      ...inputs,
      maxItems: 1,
      results: [{ ...same, meta: "{}", settings: { ipv4Only: true } }],
    });
    const all = await shared.engine.invoke("getDnsRecords", { zoneId: "z" });
    assert.deepEqual(
      (all.result.results as { meta: string }[]).map(({ meta }) => meta),
      ["{}", '{"auto":true}'],
    );
    assert.equal(asked()[1], "GET /zones/z/dns_records");
  });

  for (const [name, inputs, path] of [
    ["getApiToken", { tokenId: "t" }, "/user/tokens/t"],
    ["getAccountToken", { tokenId: "t", accountId: "a" }, "/accounts/a/tokens/t"],
  ] as const) {
    it(`of a token tells its status, by ${name}`, async () => {
      shared.answer = success(token);
      const { result } = await shared.engine.invoke(name, inputs);
      assert.deepEqual(asked(), [`GET ${path}`]);
      const { issued_on: issuedOn, policies: _, ...same } = token;
      const { permission_groups: permissionGroups, ...rest } = policy;
      assert.deepEqual(result, { ...same, ...inputs, issuedOn, policies: [{ ...rest, permissionGroups }] });
    });

    it(`of a token that is gone fails, by ${name}`, async () => {
      shared.answer = failure(404, 1001, "Token not found");
      await assert.rejects(shared.engine.invoke(name, inputs), /GET ".*\/t": 404 Not Found \{.*"code":1001/);
    });
  }

  it("needs the id of what it is about", async () => {
    for (const [name, property] of [
      ["getDnsRecords", "zoneId"],
      ["getApiToken", "tokenId"],
      ["getAccountToken", "tokenId"],
    ] as const) {
      const { failures } = await shared.engine.invoke(name, {});
      assert.deepEqual(failures[0], [property, `Missing required property '${property}'`]);
    }
  });
});
