import assert from "node:assert/strict";
import { tokens } from "../account";
import { asking, onZone, Running, records } from "../testing/running";
import type { stateOf } from "./state";

describe("the control port", () => {
  let cloudflare: Running;
  before(async () => {
    cloudflare = await Running.start();
  });
  beforeEach(() => cloudflare.world.reset());
  after(() => cloudflare.stop());

  it("logs each request and its answer with the token's name, even of a deleted token", async () => {
    const made = await cloudflare.ask<{ id: string; value: string }>(
      "deploy",
      "POST",
      "/user/tokens",
      asking("dns01", ["DNS Write"], onZone("example.com")),
    );
    const { id, value } = made.body.result;
    await cloudflare.ask(value, "GET", `${records()}?type=TXT&name=a.example.com`);
    await cloudflare.ask("deploy", "DELETE", `/user/tokens/${id}`);
    await cloudflare.ask(value, "GET", records());
    await cloudflare.ask("x".repeat(40), "GET", "/zones");
    const log = await cloudflare.control<Record<string, unknown>[]>("GET", "/requests");
    assert.deepEqual(
      log.map(({ token, method, status, errors }) => [token, method, status, errors]),
      [
        ["deploy", "POST", 200, []],
        ["dns01", "GET", 200, []],
        ["deploy", "DELETE", 200, []],
        ["dns01", "GET", 403, [10000]],
        [undefined, "GET", 403, [9109]],
      ],
    );
    const { path, query, time, userAgent } = log[1] ?? {};
    assert.deepEqual(
      { path, query, time, userAgent },
      {
        path: `/client/v4${records()}`,
        query: "type=TXT&name=a.example.com",
        time: "2026-11-23T12:00:00.000Z",
        userAgent: "node",
      },
    );
  });

  it("tells zones, records, and tokens with their policies in words", async () => {
    await cloudflare.ask("dnsOnly", "POST", records(), { type: "TXT", name: "t", content: "x" });
    const state = await cloudflare.control<ReturnType<typeof stateOf>>("GET", "/state");
    assert.deepEqual(
      state.zones.map(({ name }) => name),
      ["example.com", "example.org", "example.net"],
    );
    assert.deepEqual(
      state.records.map(({ zone, name, content }) => [zone, name, content]),
      [["example.com", "t.example.com", "x"]],
    );
    assert.deepEqual(
      state.tokens.map(({ name, kind, status, inWords }) => [name, kind, status, inWords]),
      [
        [
          "deploy",
          "user",
          "active",
          [
            "may: Zone Read, DNS Write on all zones of the account Lab, all zones of the account Annex",
            "may: API Tokens Write on the user",
            "may: Account API Tokens Write on the account Lab, the account Annex",
          ],
        ],
        ["dnsOnly", "user", "active", ["may: Zone Read, DNS Write on example.com"]],
        ["readOnly", "user", "active", ["may: Zone Read, DNS Read on example.com"]],
        ["otherZone", "user", "active", ["may: Zone Read, DNS Write on example.org"]],
      ],
    );
  });

  it("shows it on a page that reloads itself and holds nothing that a browser would run", async () => {
    const record = { type: "TXT", name: "t", content: "<script>alert(1)</script>" };
    await cloudflare.ask("dnsOnly", "POST", `${records()}?x=<b>`, record);
    const response = await fetch(cloudflare.controlUrl);
    const html = await response.text();
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(html, /http-equiv="refresh"/);
    assert.match(html, /may: Zone Read, DNS Read on example.com/);
    assert.match(html, /&lt;script&gt;/);
    assert.doesNotMatch(html, /<script>|<b>/);
    for (const value of Object.values(tokens)) assert.ok(!html.includes(value));
  });

  it("goes back to the start", async () => {
    await cloudflare.ask("dnsOnly", "POST", records(), { type: "TXT", name: "t", content: "x" });
    await cloudflare.control("PUT", "/faults", [{ status: 500 }]);
    const { records: left, faults } = await cloudflare.control<ReturnType<typeof stateOf>>("POST", "/reset");
    assert.deepEqual([left, faults, await cloudflare.control("GET", "/requests")], [[], [], []]);
  });

  it("rejects an unknown request and names the known ones", async () => {
    assert.match((await cloudflare.control<{ error: string }>("GET", "/nothing")).error, /GET \/state/);
  });
});
