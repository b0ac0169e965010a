/** DNS records that lead a domain and its wildcard to the load balancer. */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { Address } from "./gateway";
import type { Domain } from "./zones";

/** Which names lead where. */
export interface DnsRecordsArgs {
  domain: Domain;
  address: pulumi.Output<Address>;
}

/**
 * One record for the apex and one for `*`: A or AAAA for an IP address, CNAME for a hostname (Cloudflare flattens it at a zone's apex:
 * https://developers.cloudflare.com/dns/cname-flattening/). DNS only: Cloudflare's proxy would end TLS with a certificate of its own.
 *
 * Errors: Cloudflare's own. 81053, 81054, 81057 and 81058: a record that this stack did not create already has the name.
 */
export class DnsRecords extends pulumi.ComponentResource {
  constructor(name: string, { domain, address }: DnsRecordsArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:DnsRecords", name, {}, opts);
    for (const [label, recordName] of [
      ["apex", domain.name],
      ["wildcard", `*.${domain.name}`],
    ] as const) {
      new cloudflare.DnsRecord(
        `${name}-${label}`,
        {
          zoneId: domain.zone.id,
          // In full, as the API answers: a short name would be a change in each preview.
          name: recordName,
          type: address.apply(recordType),
          content: address.value,
          ttl: 1, // automatic
          proxied: false,
          comment: "HTTPS edge",
        },
        // A name cannot have both A and CNAME records, so a change of type deletes the old record first.
        { parent: this, deleteBeforeReplace: true },
      );
    }
    this.registerOutputs({});
  }
}

/** Type of the record that leads to an address. */
export const recordType = ({ type, value }: Address): string => {
  if (type === "Hostname") return "CNAME";
  return value.includes(":") ? "AAAA" : "A";
};
