import assert from "node:assert/strict";
import { tokens } from "../account";
import { Running, records, type Thing, zoneId } from "../testing/running";

const txt = { type: "TXT", name: "t", content: "x" };

describe("a fault on demand", () => {
  let cloudflare: Running;
  const fail = (...faults: object[]) => cloudflare.control("PUT", "/faults", faults);
  const status = async (who: string, method: string, path: string, body?: unknown) =>
    (await cloudflare.ask(who, method, path, body)).status;
  before(async () => {
    cloudflare = await Running.start();
  });
  beforeEach(() => cloudflare.world.reset());
  after(() => cloudflare.stop());

  it("answers instead of the API as often as asked, and nothing else is done", async () => {
    await fail({ method: "POST", path: "/dns_records$", status: 429, retryAfter: 1, times: 2 });
    for (const _ of [1, 2]) {
      const { status, codes, headers } = await cloudflare.ask("deploy", "POST", records(), txt);
      assert.deepEqual([status, codes, headers.get("retry-after")], [429, [971], "1"]);
    }
    assert.deepEqual(cloudflare.world.records.all(), []);
    assert.equal(await status("deploy", "POST", records(), txt), 200);
    assert.deepEqual(await cloudflare.control("GET", "/faults"), []);
  });

  it("applies only to its requests, until it is removed", async () => {
    await fail({ token: "dnsOnly", path: "/zones$", status: 503, code: 7, message: "not today" });
    const { body } = await cloudflare.ask("dnsOnly", "GET", "/zones");
    assert.deepEqual(body.errors, [{ code: 7, message: "not today" }]);
    assert.equal(await status("deploy", "GET", "/zones"), 200);
    assert.equal(await status("dnsOnly", "GET", `/zones/${zoneId("example.com")}`), 200);
    assert.equal(await status("dnsOnly", "GET", "/zones"), 503);
    await cloudflare.control("DELETE", "/faults");
    assert.equal(await status("dnsOnly", "GET", "/zones"), 200);
  });

  it("puts a page for people in the place of an answer", async () => {
    await fail({ page: true, times: 1 });
    const request = { headers: { authorization: `Bearer ${tokens.deploy}` } };
    const answer = await fetch(`${cloudflare.baseUrl}/zones`, request);
    assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "text/html; charset=UTF-8"]);
    assert.match(await answer.text(), /^<!DOCTYPE html>/);
    assert.equal(await status("deploy", "GET", "/zones"), 200);
  });

  it("makes an answer late", async () => {
    await fail({ delay: 30 });
    const start = performance.now();
    await status("deploy", "GET", "/zones");
    assert.ok(performance.now() - start > 25);
  });

  it("closes the connection without an answer", async () => {
    await fail({ drop: true, times: 1 });
    await assert.rejects(cloudflare.ask("deploy", "GET", "/zones"));
    assert.deepEqual(
      cloudflare.world.requests.all().map(({ path, status }) => [path, status]),
      [["/client/v4/zones", undefined]],
    );
  });

  it("does what was asked for, and closes the connection without an answer", async () => {
    await fail({ method: "POST", lost: true, times: 1 });
    await assert.rejects(cloudflare.ask("deploy", "POST", records(), txt));
    const { result } = (await cloudflare.ask<Thing[]>("deploy", "GET", records())).body;
    assert.equal(result.length, 1);
  });

  it("leaves fields out of an answer, sets others, or puts the zone into its records as until 2025", async () => {
    await fail({ path: "/zones$", omit: ["status"], set: { paused: true } }, { zone_id: true });
    const { body } = await cloudflare.ask<Thing[]>("deploy", "GET", "/zones");
    assert.ok(body.result.every((zone) => zone.name && zone.paused && !("status" in zone) && !("zone_id" in zone)));
    const { result } = (await cloudflare.ask("deploy", "POST", records(), txt)).body;
    assert.deepEqual([result.zone_id, result.zone_name], [zoneId("example.com"), "example.com"]);
    const listed = (await cloudflare.ask<Thing[]>("deploy", "GET", records())).body.result;
    assert.deepEqual(
      listed.map(({ zone_id }) => zone_id),
      [zoneId("example.com")],
    );
  });

  for (const fault of [{ paht: "/zones" }, { path: "(" }, { status: 200 }, { times: 0 }]) {
    it(`is rejected as ${JSON.stringify(fault)}`, async () => {
      assert.match((await cloudflare.control<{ error: string }>("PUT", "/faults", [fault])).error, /✖/);
      assert.deepEqual(await cloudflare.control("GET", "/faults"), []);
    });
  }
});
