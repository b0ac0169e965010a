import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { zoneIds, zoneOf } from "../components/zones";
import { zones } from "./support/cloudflare";
import { deploy, settled } from "./support/deploy";

const token = "cloudflare:index/getZone:getZone";
const accountId = "a".repeat(32);

describe("Zones", () => {
  it("are named after their domain unless told otherwise", () => {
    assert.equal(zoneOf({ name: "example.com" }), "example.com");
    assert.equal(zoneOf({ name: "eu.example.com", zone: "example.com" }), "example.com");
  });

  it("are looked up by name, each once", async () => {
    let ids: Record<string, pulumi.Output<string>> = {};
    const domains = [{ name: "example.com" }, { name: "eu.example.com", zone: "example.com" }, { name: "example.org" }];
    const { calls } = await deploy(() => {
      ids = zoneIds(domains, undefined, {});
    });
    assert.deepEqual(
      calls.map(({ token, inputs }) => [token, inputs]),
      ["example.com", "example.org"].map((name) => [token, { filter: { name } }]),
    );
    assert.deepEqual(Object.keys(ids), ["example.com", "example.org"]);
    for (const [name, id] of Object.entries(ids)) assert.equal(await settled(id), zones[name]);
  });

  it("are looked up in the account when one is given", async () => {
    const { calls } = await deploy(() => zoneIds([{ name: "example.com" }], accountId, {}));
    assert.deepEqual(
      calls.map(({ inputs }) => inputs),
      [{ filter: { name: "example.com", account: { id: accountId } } }],
    );
  });

  it("with a known id are not looked up", async () => {
    const zoneId = "f".repeat(32);
    let ids: Record<string, pulumi.Output<string>> = {};
    const { calls } = await deploy(() => {
      ids = zoneIds([{ name: "example.net", zoneId }], undefined, {});
    });
    assert.deepEqual(calls, []);
    assert.equal(ids["example.net"] && (await settled(ids["example.net"])), zoneId);
  });

  it("take an id from whichever of their domains has it", async () => {
    const zoneId = "f".repeat(32);
    const domains = [{ name: "example.net" }, { name: "eu.example.net", zone: "example.net", zoneId }];
    const { calls } = await deploy(() => zoneIds(domains, undefined, {}));
    assert.deepEqual(calls, []);
  });

  it("rejects a zone that the token cannot see, in Cloudflare's words", async () => {
    await assert.rejects(
      deploy(() => zoneIds([{ name: "example.net" }], undefined, {})),
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
