/** DNS records that lead a domain and its wildcard to the load balancer. */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { Address } from "./gateway";

/** Which names lead where. */
export interface DnsArgs {
  domain: string;
  zoneId: pulumi.Input<string>;
  address: pulumi.Output<Address>;
}

/**
 * One record for the apex and one for `*`: A or AAAA for an IP address, CNAME for a hostname (Cloudflare flattens it at a zone's apex:
 * https://developers.cloudflare.com/dns/cname-flattening/). DNS only: Cloudflare's proxy would end TLS with a certificate of its own.
 *
 * Errors: Cloudflare's own; 81053 and its like say that a record of another making stands at the name.
 */
export class Dns extends pulumi.ComponentResource {
  constructor(name: string, { domain, zoneId, address }: DnsArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Dns", name, {}, opts);
    for (const [label, recordName] of [
      ["apex", domain],
      ["wildcard", `*.${domain}`],
    ] as const) {
      new cloudflare.DnsRecord(
        `${name}-${label}`,
        {
          zoneId,
          // In full: the API answers so, and a short name would be a difference in each preview.
          name: recordName,
          type: address.apply(recordType),
          content: address.value,
          ttl: 1, // automatic
          proxied: false,
          comment: "HTTPS edge",
        },
        // A and CNAME cannot stand beside each other, so the old record goes first when the type changes.
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
