import assert from "node:assert/strict";
import Cloudflare from "cloudflare";
import { accountId, tokens } from "../account";
import { onZone, Running, zoneId } from "../testing/running";
import { groupNamed } from "../tokens/permissions";

describe("the official client", () => {
  let cloudflare: Running;
  let client: Cloudflare;
  const zone_id = zoneId("example.com");
  const policies = [
    {
      effect: "allow" as const,
      permission_groups: [{ id: groupNamed("DNS Write").id }],
      resources: onZone("example.com"),
    },
  ];
  const as = (apiToken: string) => new Cloudflare({ apiToken, baseURL: cloudflare.baseUrl, maxRetries: 1 });
  const collect = async <Item>(items: AsyncIterable<Item>) => {
    const found: Item[] = [];
    for await (const item of items) found.push(item);
    return found;
  };
  before(async () => {
    cloudflare = await Running.start();
  });
  beforeEach(() => {
    cloudflare.world.reset();
    client = as(tokens.deploy);
  });
  after(() => cloudflare.stop());

  it("finds zones by name and walks through their pages", async () => {
    const [zone] = await collect(client.zones.list({ name: "example.com" }));
    assert.equal(zone?.id, zone_id);
    assert.equal((await client.zones.get({ zone_id })).account.id, accountId);
    assert.equal((await collect(client.zones.list({ per_page: 1, account: { id: accountId } }))).length, 2);
  });

  it("makes, finds, changes and deletes records", async () => {
    const www = { zone_id, type: "A" as const, name: "www.example.com", content: "203.0.113.7", ttl: 1 as const };
    const { id } = await client.dns.records.create(www);
    const [found] = await collect(client.dns.records.list({ zone_id, type: "A", name: { exact: "www.example.com" } }));
    assert.equal(found?.id, id);
    assert.deepEqual(await collect(client.dns.records.list({ zone_id, name: { startswith: "app" } })), []);
    assert.equal((await client.dns.records.update(id, { ...www, content: "203.0.113.8" })).content, "203.0.113.8");
    assert.equal((await client.dns.records.edit(id, { ...www, comment: "c" })).comment, "c");
    assert.deepEqual(await client.dns.records.delete(id, { zone_id }), { id });
    await assert.rejects(client.dns.records.get(id, { zone_id }), Cloudflare.NotFoundError);
  });

  it("makes tokens of the user and of the account that work for it", async () => {
    const user = await client.user.tokens.create({ name: "u", policies });
    const account = await client.accounts.tokens.create({ account_id: accountId, name: "a", policies });
    assert.equal((await as(user.value ?? "").user.tokens.verify()).id, user.id);
    const verified = await as(account.value ?? "").accounts.tokens.verify({ account_id: accountId });
    assert.deepEqual(verified, { id: account.id, status: "active" });
    await assert.rejects(as(account.value ?? "").user.tokens.verify(), Cloudflare.AuthenticationError);
    await client.user.tokens.delete(user.id ?? "");
    await assert.rejects(as(user.value ?? "").dns.records.list({ zone_id }), Cloudflare.PermissionDeniedError);
  });

  it("finds permission groups by name", async () => {
    const [mine] = await collect(client.user.tokens.permissionGroups.list({ name: "DNS Write" }));
    const [ours] = await collect(
      client.accounts.tokens.permissionGroups.list({ account_id: accountId, name: "DNS Write" }),
    );
    assert.deepEqual([mine?.id, ours?.id], [groupNamed("DNS Write").id, groupNamed("DNS Write").id]);
  });

  it("retries a request that is refused as too fast", async () => {
    cloudflare.world.faults.replace([{ status: 429, retryAfter: 0, times: 1 }]);
    assert.equal((await client.zones.get({ zone_id })).name, "example.com");
    assert.deepEqual(
      cloudflare.world.requests.all().map(({ status }) => status),
      [429, 200],
    );
  });
});
