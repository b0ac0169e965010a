import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { DnsRecords, recordType } from "../components/dnsRecords";
import type { Address } from "../components/gateway";
import { deploy, types } from "./support/deploy";

const zoneId = "1".repeat(32);
const domain = { name: "eu.example.com", zone: { name: "example.com", id: pulumi.output(zoneId) } };
const records = (address: Address) =>
  deploy(() => new DnsRecords("dns", { domain, address: pulumi.output(address) }, {}));

describe("DNS records", () => {
  it("leads apex and wildcard to the address, and nothing else", async () => {
    const deployment = await records({ type: "IPAddress", value: "203.0.113.7" });
    assert.deepEqual(deployment.list, [
      [types.dnsRecord, "dns-apex"],
      [types.dnsRecord, "dns-wildcard"],
      ["https-edge:index:DnsRecords", "dns"],
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

  it("removes a record before another type takes its name", async () => {
    const { resources } = await records({ type: "IPAddress", value: "203.0.113.7" });
    assert.deepEqual(
      resources.filter(({ type }) => type === types.dnsRecord).map(({ options }) => options.deleteBeforeReplace),
      [true, true],
    );
  });

  for (const [address, type] of [
    [{ type: "IPAddress", value: "203.0.113.7" }, "A"],
    [{ type: "IPAddress", value: "2001:db8::7" }, "AAAA"],
    [{ type: "Hostname", value: "lb.cloud.example" }, "CNAME"],
  ] as [Address, string][]) {
    it(`gives ${address.value} a record of type ${type}`, async () => {
      assert.equal(recordType(address), type);
      const { resources } = await records(address);
      assert.deepEqual(
        resources
          .filter((resource) => resource.type === types.dnsRecord)
          .map(({ inputs }) => [inputs.type, inputs.content]),
        [
          [type, address.value],
          [type, address.value],
        ],
      );
    });
  }
});
