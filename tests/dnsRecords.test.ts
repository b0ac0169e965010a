import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { DnsRecords } from "../components/dnsRecords";
import type { Addresses } from "../components/rules/addresses";
import { type Deployment, deploy, types } from "./support/deploy";
import { zone as zoneOf } from "./support/token";

const zoneId = "1".repeat(32);
const zone = zoneOf("example.com", zoneId);
const domain = { name: "eu.example.com", zone };
const run = (addresses: Addresses, preview = false): Promise<Deployment> =>
  deploy(() => new DnsRecords("dns", { domain, addresses: pulumi.output(addresses) as pulumi.Output<Addresses> }, {}), {
    preview,
  });
const ip = (value: string) => ({ type: "IPAddress" as const, value });
const hostname = { type: "Hostname" as const, value: "lb.cloud.example" };

/** Of each record of the apex: its name, its type, what it leads to, and the name that it had before. */
const apex = ({ resources }: Deployment): unknown[][] =>
  resources
    .filter(({ type, inputs }) => type === types.dnsRecord && inputs.name === "eu.example.com")
    .map(({ name, inputs, aliases }) => [name, inputs.type, inputs.content, ...aliases]);

describe("DNS records", () => {
  it("leads apex and wildcard to the address, and nothing else", async () => {
    const deployment = await run([ip("203.0.113.7")]);
    assert.deepEqual(deployment.list, [
      [types.dnsRecord, "dns-apex"],
      [types.dnsRecord, "dns-wildcard"],
      ["https-edge:index:DnsRecords", "dns"],
      [types.randomId, "dns"],
    ]);
    for (const [label, name] of [
      ["apex", "eu.example.com"],
      ["wildcard", "*.eu.example.com"],
    ]) {
      const record = deployment.only(types.dnsRecord, `dns-${label}`);
      assert.deepEqual(record.inputs, {
        zoneId,
        name,
        type: "A",
        content: "203.0.113.7",
        ttl: 1,
        proxied: false,
        comment: "HTTPS edge",
      });
      assert.deepEqual(record.parent, ["https-edge:index:DnsRecords", "dns"]);
    }
  });

  it("go through Cloudflare's proxy where they are to", async () => {
    const addresses = pulumi.output([ip("203.0.113.7")]) as pulumi.Output<Addresses>;
    const deployment = await deploy(() => new DnsRecords("dns", { domain, addresses, proxied: true }, {}));
    for (const name of ["dns-apex", "dns-wildcard"]) {
      const { proxied, ttl } = deployment.only(types.dnsRecord, name).inputs;
      assert.deepEqual({ proxied, ttl }, { proxied: true, ttl: 1 });
    }
  });

  it("lead to a hostname by CNAME", async () => {
    assert.deepEqual(apex(await run([hostname])), [
      ["dns-apex", "CNAME", "lb.cloud.example", "dns-apex-lb.cloud.example"],
    ]);
  });

  it("are one for each address of several, by whose name each keeps its own when another comes or goes", async () => {
    const two = await run([ip("203.0.113.7"), ip("2001:db8::7")]);
    assert.deepEqual(apex(two), [
      ["dns-apex-203.0.113.7", "A", "203.0.113.7", "dns-apex"],
      ["dns-apex-2001-db8--7", "AAAA", "2001:db8::7"],
    ]);
    const three = await run([ip("203.0.113.5"), ip("203.0.113.7"), ip("2001:db8::7")]);
    assert.deepEqual(
      apex(three).map(([name]) => name),
      ["dns-apex-203.0.113.5", "dns-apex-203.0.113.7", "dns-apex-2001-db8--7"],
    );
  });

  it("take over the record of a single address before they are more, and give it back to the one that stays", async () => {
    const several = await run([ip("203.0.113.5"), ip("203.0.113.7")]);
    const first: [string, string] = [types.dnsRecord, "dns-apex-203.0.113.5"];
    assert.deepEqual(several.only(...first).aliases, ["dns-apex"]);
    const { dependencies } = several.only(types.dnsRecord, "dns-apex-203.0.113.7");
    assert.ok(
      dependencies.some((each) => each.join() === first.join()),
      "an identical record may stand until then",
    );
    assert.deepEqual((await run([ip("203.0.113.7")])).only(types.dnsRecord, "dns-apex").aliases, [
      "dns-apex-203.0.113.7",
    ]);
  });

  it("go all together, and first, when addresses give way to a hostname", async () => {
    for (const [addresses, kind] of [
      [[ip("203.0.113.7"), ip("2001:db8::7")], "IPAddress"],
      [[hostname], "Hostname"],
    ] as [Addresses, string][]) {
      const deployment = await run(addresses);
      const random = deployment.only(types.randomId);
      assert.deepEqual(random.inputs.keepers, { kind });
      assert.equal(random.options.deleteBeforeReplace, true);
      for (const { dependencies, options } of deployment.resources.filter(({ type }) => type === types.dnsRecord)) {
        assert.ok(
          dependencies.some(([type]) => type === types.randomId),
          "what depends on it goes with it",
        );
        assert.equal(options.deleteBeforeReplace, true);
      }
    }
  });

  it("show one record a name in a preview that does not know the addresses", async () => {
    const deployment = await run(pulumi.unknown as unknown as Addresses, true);
    assert.deepEqual(deployment.list, [
      [types.dnsRecord, "dns-apex"],
      [types.dnsRecord, "dns-wildcard"],
      ["https-edge:index:DnsRecords", "dns"],
      [types.randomId, "dns"],
    ]);
    const { type, content } = deployment.only(types.dnsRecord, "dns-apex").inputs;
    assert.ok(pulumi.isUnknown(type) && pulumi.isUnknown(content));
  });

  it("show every record in a preview that knows the addresses", async () => {
    assert.equal(apex(await run([ip("203.0.113.5"), ip("203.0.113.7")], true)).length, 2);
  });
});
