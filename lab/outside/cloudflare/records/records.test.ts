import assert from "node:assert/strict";
import { tokens } from "../account";
import { Running, records, type Thing } from "../testing/running";

const www = { type: "A", name: "www.example.com", content: "203.0.113.7", ttl: 300 };

describe("DNS records", () => {
  let cloudflare: Running;
  const ask = <Result = Thing>(method: string, path = "", body?: unknown) =>
    cloudflare.ask<Result>("dnsOnly", method, records() + path, body);
  const create = async (body: unknown) => (await ask("POST", "", body)).body.result;
  before(async () => {
    cloudflare = await Running.start();
  });
  beforeEach(() => cloudflare.world.reset());
  after(() => cloudflare.stop());

  it("tell every field that was given, and no zone", async () => {
    const given = {
      ...www,
      ttl: 1,
      proxied: true,
      comment: "by a test",
      tags: ["owner:edge"],
      settings: { ipv4_only: true },
    };
    const { id, created_on, ...told } = await create(given);
    assert.match(id, /^[0-9a-f]{32}$/);
    const on = "2026-11-23T12:00:00.000000Z";
    assert.equal(created_on, on);
    const more = { proxiable: true, meta: {}, modified_on: on, comment_modified_on: on, tags_modified_on: on };
    assert.deepEqual(told, { ...given, ...more });
  });

  it("have defaults for what was not given", async () => {
    const { ttl, proxied, comment, tags, settings } = await create({
      type: "TXT",
      name: "t.example.com",
      content: "x",
    });
    assert.deepEqual([ttl, proxied, comment, tags, settings], [1, false, null, [], {}]);
  });

  it("are replaced by PUT, changed by PATCH, and gone after DELETE", async () => {
    const { id } = await create({ ...www, comment: "first" });
    const put = await ask("PUT", `/${id}`, { ...www, content: "203.0.113.8", settings: {}, tags: [] });
    assert.deepEqual([put.body.result.content, put.body.result.comment], ["203.0.113.8", null]);
    const patch = await ask("PATCH", `/${id}`, { comment: "second" });
    assert.deepEqual([patch.body.result.content, patch.body.result.comment], ["203.0.113.8", "second"]);
    assert.deepEqual((await ask("GET", `/${id}`)).body.result, patch.body.result);
    assert.deepEqual((await ask("DELETE", `/${id}`)).body.result, { id });
    for (const method of ["GET", "DELETE"]) {
      const { status, body } = await ask(method, `/${id}`);
      assert.deepEqual([status, body.errors], [404, [{ code: 81044, message: "Record does not exist." }]]);
    }
  });

  it("are listed by type, name and content, in pages", async () => {
    for (const content of ["a", "b"])
      await create({ type: "TXT", name: "_acme-challenge.example.com", content, ttl: 120 });
    await create(www);
    const contents = async (query: string) =>
      (await ask<Thing[]>("GET", query)).body.result.map(({ content }) => content);
    assert.deepEqual(await contents("?per_page=100&type=TXT&name=_acme-challenge.example.com"), ["a", "b"]);
    assert.deepEqual(await contents("?content=b"), ["b"]);
    assert.deepEqual(await contents("?name.startswith=www"), [www.content]);
    assert.deepEqual(await contents("?type=TXT&content.exact=203.0.113.7&match=any"), ["a", "b", www.content]);
    assert.deepEqual(await contents("?per_page=2&page=2"), [www.content]);
  });

  for (const [given, full] of [
    ["@", "example.com"],
    ["www", "www.example.com"],
    ["*.Staging.Example.com.", "*.staging.example.com"],
    ["www.example.org", "www.example.org.example.com"],
  ] as const) {
    it(`take the name ${given} as ${full}`, async () =>
      assert.equal((await create({ ...www, name: given })).name, full));
  }

  const faults: [what: string, code: number, change: object][] = [
    ["an A record that is no IPv4 address", 9005, { content: "lb.example.net" }],
    ["an AAAA record that is no IPv6 address", 9006, { type: "AAAA" }],
    ["a CNAME to an address", 9007, { type: "CNAME" }],
    ["a CNAME to itself", 9039, { type: "CNAME", content: "www.example.com" }],
    ["an empty TXT", 9010, { type: "TXT", content: "" }],
    ["an MX without a priority", 9009, { type: "MX", content: "mail.example.com" }],
    ["an unknown type", 9001, { type: "ANAME" }],
    ["a name with an empty label", 9000, { name: "a..example.com" }],
    ["a wildcard that is not the first label", 9000, { name: "a.*.example.com" }],
    ["a proxied TXT", 9004, { type: "TXT", proxied: true, ttl: 1 }],
    ["a proxied private address", 9003, { content: "10.0.0.1", proxied: true, ttl: 1 }],
    ["a ttl for a proxied record", 9021, { proxied: true, ttl: 300 }],
    ["a ttl below a minute", 9021, { ttl: 30 }],
    ["a ttl above a day", 9021, { ttl: 86401 }],
    ["a ttl in quotes", 1004, { ttl: "300" }],
  ];
  for (const [what, code, change] of faults) {
    it(`reject ${what}`, async () => {
      const { status, codes } = await ask("POST", "", { ...www, ...change });
      assert.deepEqual([status, codes], [400, [code]]);
      assert.deepEqual(cloudflare.world.records.all(), []);
    });
  }

  it("reject a body that is not JSON", async () => {
    const headers = { authorization: `Bearer ${tokens.deploy}` };
    const response = await fetch(cloudflare.baseUrl + records(), { method: "POST", headers, body: "{" });
    assert.equal(JSON.parse(await response.text()).errors[0].code, 6007);
  });

  const alias = { ...www, type: "CNAME", content: "lb.example.net" };
  const clashes: [what: string, code: number, first: object, second: object][] = [
    ["an identical record", 81058, www, www],
    ["the same content with other settings", 81057, www, { ...www, ttl: 60 }],
    ["a CNAME beside an A record", 81053, www, alias],
    ["a second CNAME", 81053, alias, { ...alias, content: "lb.example.org" }],
    ["an A record beside a CNAME", 81054, alias, www],
    ["an AAAA record beside a CNAME", 81054, alias, { ...www, type: "AAAA", content: "2001:db8::7" }],
    ["an A record beside NS records", 81056, { ...www, type: "NS", content: "ns.example.net" }, www],
  ];
  for (const [what, code, first, second] of clashes) {
    it(`reject ${what}`, async () => {
      await create(first);
      const { status, codes } = await ask("POST", "", second);
      assert.deepEqual([status, codes], [400, [code]]);
    });
  }

  it("reject a change that makes two the same, but not one that changes nothing", async () => {
    const { id } = await create(www);
    await create({ ...www, content: "203.0.113.8" });
    assert.equal((await ask("PUT", `/${id}`, www)).status, 200);
    assert.deepEqual((await ask("PUT", `/${id}`, { ...www, content: "203.0.113.8" })).codes, [81058]);
  });

  it("allow a TXT beside a CNAME, and two addresses of one name", async () => {
    await create(alias);
    assert.equal((await ask("POST", "", { ...www, type: "TXT", content: "x" })).status, 200);
    await create({ ...www, name: "two.example.com" });
    assert.equal((await ask("POST", "", { ...www, name: "two.example.com", content: "203.0.113.8" })).status, 200);
  });
});
