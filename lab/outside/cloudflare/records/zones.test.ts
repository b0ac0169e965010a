import assert from "node:assert/strict";
import { accounts } from "../account";
import { Running, type Thing, zoneId } from "../testing/running";

const names = (things: Thing[]) => things.map(({ name }) => name);

describe("the zones", () => {
  let cloudflare: Running;
  const list = async (who: string, query = "") => (await cloudflare.ask<Thing[]>(who, "GET", `/zones${query}`)).body;
  before(async () => {
    cloudflare = await Running.start();
  });
  after(() => cloudflare.stop());

  it("are listed as far as the token may read them", async () => {
    assert.deepEqual(names((await list("deploy")).result), ["example.com", "example.org", "example.net"]);
    assert.deepEqual(names((await list("dnsOnly")).result), ["example.com"]);
    assert.deepEqual(names((await list("otherZone", "?name=example.com")).result), []);
  });

  it("are found by name, account and status", async () => {
    assert.deepEqual(names((await list("deploy", "?name=example.org")).result), ["example.org"]);
    assert.deepEqual(names((await list("deploy", "?name=whoami.example.org")).result), []);
    const [lab, annex] = accounts;
    const found = async (query: string) => names((await list("deploy", query)).result);
    assert.deepEqual(await found(`?account.id=${lab?.id}&name=contains:.org`), ["example.org"]);
    assert.deepEqual(await found(`?account.id=${annex?.id}`), ["example.net"]);
    assert.deepEqual(names((await list("deploy", `?account.id=${"0".repeat(32)}`)).result), []);
    assert.deepEqual(names((await list("deploy", "?status=pending")).result), []);
  });

  it("come in pages, and none after the last", async () => {
    const { result, result_info } = await list("deploy", "?per_page=2&page=2");
    assert.deepEqual(names(result), ["example.net"]);
    assert.deepEqual(result_info, { page: 2, per_page: 2, count: 1, total_count: 3, total_pages: 2 });
    assert.deepEqual((await list("deploy", "?per_page=2&page=3")).result, []);
  });

  it("are told by id to who may read them, and to others as if they did not exist", async () => {
    const { status, body } = await cloudflare.ask("dnsOnly", "GET", `/zones/${zoneId("example.com")}`);
    assert.equal(status, 200);
    assert.equal(body.result.name, "example.com");
    for (const id of [zoneId("example.org"), "f".repeat(32)]) {
      const refused = await cloudflare.ask("dnsOnly", "GET", `/zones/${id}`);
      assert.deepEqual([refused.status, refused.codes], [403, [9109]]);
    }
  });

  for (const path of ["/zones/example.com", "/zones//dns_records/0123", "/zones/dns_records"]) {
    it(`rejects ${path} for lack of an identifier`, async () => {
      const { status, codes, body } = await cloudflare.ask("deploy", "GET", path);
      assert.deepEqual([status, codes], [404, [7003, 7000]]);
      assert.match(body.errors[0]?.message ?? "", /^Could not route to \/client\/v4\/zones\//);
    });
  }

  it("rejects what it has no route or no method for", async () => {
    assert.deepEqual((await cloudflare.ask("deploy", "GET", "/nothing/here")).codes, [7000]);
    assert.deepEqual((await cloudflare.ask("deploy", "DELETE", "/zones")).codes, [7001]);
  });
});
