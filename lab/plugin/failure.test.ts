import assert from "node:assert/strict";
import { Engine, types } from "./testing/engine";
import { type Answer, type FakeApi, failure, startApi, success } from "./testing/fakeApi";
import type { Properties } from "./value";

const record = { zoneId: "z", name: "www.example.com", type: "A", content: "192.0.2.1", ttl: 300 };
const path = "/client/v4/zones/z/dns_records";
const text = (answer: Answer) => JSON.stringify(answer.body);

describe("a call that fails", () => {
  let api: FakeApi;
  let engine: Engine;
  let answers: Answer[] = [];

  const start = async (args: Properties = { apiToken: "t".repeat(40) }, environment: NodeJS.ProcessEnv = {}) => {
    api = await startApi((_, count) => answers[Math.min(count, answers.length) - 1] ?? success(null));
    engine = await Engine.start({ baseUrl: api.baseUrl, ...args }, environment);
  };
  afterEach(() => {
    engine.stop();
    api.close();
  });

  it("shows the request, the status and the API's answer word for word", async () => {
    answers = [failure(400, 81058, "An identical record already exists.")];
    await start();
    const address = api.baseUrl.replace("/client/v4", path);
    await assert.rejects(engine.create(types.dnsRecord, record), {
      message: `failed to make http request: POST "${address}": 400 Bad Request ${text(answers[0] as Answer)}`,
    });
    assert.equal(api.asked.length, 1);
  });

  it("is an error when there is nothing to delete", async () => {
    answers = [failure(404, 81044, "Record does not exist.")];
    await start();
    const expected =
      /DELETE .*\/dns_records\/r": 404 Not Found \{.*"errors":\[\{"code":81044,"message":"Record does not exist."\}\]/;
    await assert.rejects(engine.delete(types.dnsRecord, "r", record), expected);
  });

  it("is tried again after the time that the API asks for", async () => {
    answers = [
      { ...failure(429, 10429, "slow down"), headers: { "retry-after": "1" } },
      success({ ...record, id: "r" }),
    ];
    await start();
    const begin = Date.now();
    assert.equal((await engine.create(types.dnsRecord, record)).id, "r");
    assert.ok(Date.now() - begin >= 1000);
    assert.deepEqual(
      api.asked.map(({ method }) => method),
      ["POST", "POST"],
    );
  });

  it("is given up after three attempts", async () => {
    answers = [{ status: 502, body: "bad gateway", headers: { "retry-after": "0.01" } }];
    await start();
    await assert.rejects(engine.invoke("getZone", { zoneId: "z" }), /GET .*\/zones\/z": 502 Bad Gateway bad gateway$/);
    assert.equal(api.asked.length, 3);
  });

  it("names the cause when nobody answers", async () => {
    await start();
    api.close();
    await assert.rejects(engine.invoke("getZone", { zoneId: "z" }), /failed to make http request: GET .*ECONNREFUSED/);
  });

  it("without a credential is refused by the API", async () => {
    answers = [failure(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")];
    await start({});
    await assert.rejects(engine.invoke("getZone", { zoneId: "z" }), /400 Bad Request .*"code":9106/);
    assert.equal(api.asked[0]?.authorization, undefined);
  });

  it("never reaches the API when a proxied record has a ttl", async () => {
    await start();
    await assert.rejects(
      engine.create(types.dnsRecord, { ...record, proxied: true }),
      /^Error: ttl must be set to 1 when `proxied` is true/,
    );
    assert.equal(api.asked.length, 0);
  });

  it("names the number of zones found when it is not one", async () => {
    answers = [success([])];
    await start();
    await assert.rejects(
      engine.invoke("getZone", { filter: { name: "example.com" } }),
      /failed to find exactly one result: 0 found/,
    );
  });
});

describe("the credential", () => {
  const token = (letter: string) => letter.repeat(40);
  const cases: [string, Properties, NodeJS.ProcessEnv, string][] = [
    ["an argument", { apiToken: token("a") }, {}, "a"],
    ["the environment", {}, { CLOUDFLARE_API_TOKEN: token("e") }, "e"],
    ["an argument rather than the environment", { apiToken: token("a") }, { CLOUDFLARE_API_TOKEN: token("e") }, "a"],
  ];
  for (const [name, args, environment, letter] of cases) {
    it(`is taken from ${name}`, async () => {
      const api = await startApi(() => success({ id: "z" }));
      const engine = await Engine.start(args, { CLOUDFLARE_BASE_URL: api.baseUrl, ...environment });
      await engine.invoke("getZone", { zoneId: "z" });
      assert.equal(api.asked[0]?.authorization, `Bearer ${token(letter)}`);
      engine.stop();
      api.close();
    });
  }
});
