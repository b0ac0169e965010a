import assert from "node:assert/strict";
import { Preflight } from "../components/resources/preflight";
import { type Domain, domainsOf, zonesOf } from "../components/zones";
import { zones } from "./support/cloudflare";
import { deploy, settled } from "./support/deploy";

const token = "cloudflare:index/getZone:getZone";
const accountId = "a".repeat(32);

describe("Zones", () => {
  it("are named after their domain unless told otherwise, and looked up by name, each once", async () => {
    let found: Domain[] = [];
    const domains = [{ name: "example.com" }, { name: "eu.example.com", zone: "example.com" }, { name: "example.org" }];
    const { calls } = await deploy(() => {
      found = domainsOf(domains, undefined, new Preflight(), {});
    });
    assert.deepEqual(
      calls.map(({ token, inputs }) => [token, inputs]),
      ["example.com", "example.org"].map((name) => [token, { filter: { name } }]),
    );
    assert.deepEqual(
      found.map(({ name, zone }) => [name, zone.name]),
      [
        ["example.com", "example.com"],
        ["eu.example.com", "example.com"],
        ["example.org", "example.org"],
      ],
    );
    for (const { zone } of found) assert.equal(await settled(zone.id), zones[zone.name]);
    assert.deepEqual(
      zonesOf(found).map(({ name }) => name),
      ["example.com", "example.org"],
    );
  });

  it("are looked up in the account when one is given", async () => {
    const { calls } = await deploy(() => domainsOf([{ name: "example.com" }], accountId, new Preflight(), {}));
    assert.deepEqual(
      calls.map(({ inputs }) => inputs),
      [{ filter: { name: "example.com", account: { id: accountId } } }],
    );
  });

  it("with a known id are not looked up", async () => {
    const zoneId = "f".repeat(32);
    let found: Domain[] = [];
    const { calls } = await deploy(() => {
      found = domainsOf([{ name: "example.net", zoneId }], undefined, new Preflight(), {});
    });
    assert.deepEqual(calls, []);
    assert.deepEqual(await Promise.all(found.map(({ zone }) => settled(zone.id))), [zoneId]);
  });

  it("take an id from whichever of their domains has it", async () => {
    const zoneId = "f".repeat(32);
    const domains = [{ name: "example.net" }, { name: "eu.example.net", zone: "example.net", zoneId }];
    const { calls } = await deploy(() => domainsOf(domains, undefined, new Preflight(), {}));
    assert.deepEqual(calls, []);
  });

  it("rejects a zone that the token cannot see, in Cloudflare's words", async () => {
    await assert.rejects(
      deploy(() => domainsOf([{ name: "example.net" }], undefined, new Preflight(), {})),
      (error: Error) => {
        assert.match(
          error.message,
          /^domains must lie in zones that the Cloudflare token can see, got "example\.net" \(check the token and its Zone Read on this zone, or set zoneId\)\n.*0 zones found/s,
        );
        return true;
      },
    );
  });
});
