/** DNS records that lead a domain and its wildcard to the load balancer. */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { knownOrNot } from "./resources/unknown";
import { type Address, type Addresses, recordType } from "./rules/addresses";
import type { Domain } from "./zones";

/** Which names lead where. */
export interface DnsRecordsArgs {
  domain: Domain;
  addresses: pulumi.Output<Addresses>;
  /**
   * Whether requests go through Cloudflare's proxy.
   * @default false
   */
  proxied?: boolean;
}

/**
 * For each address a record for the apex and one for `*`: A or AAAA for an IP address, CNAME for a hostname (Cloudflare flattens it at a
 * zone's apex: https://developers.cloudflare.com/dns/cname-flattening/).
 *
 * How many addresses there are is known to every run but the first preview, which shows one record a name.
 *
 * Errors: Cloudflare's own. 81053, 81054, 81057 and 81058: a record that this stack did not create already has the name.
 */
export class DnsRecords extends pulumi.ComponentResource {
  constructor(
    name: string,
    { domain, addresses, proxied = false }: DnsRecordsArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:DnsRecords", name, {}, opts);
    // A name with a CNAME can have no other record, and Pulumi deletes last what is not registered any more. What depends on a resource
    // that is replaced goes before it does: so all records, of however many addresses, are gone before the first of the other kind comes.
    const kind = new random.RandomId(
      name,
      { byteLength: 4, keepers: { kind: addresses.apply(([{ type }]) => type) } },
      { parent: this, deleteBeforeReplace: true },
    );
    const record = (label: string, recordName: string, address: pulumi.Input<Address>, more: pulumi.ResourceOptions) =>
      new cloudflare.DnsRecord(
        `${name}-${label}`,
        {
          zoneId: domain.zone.id,
          // In full, as the API answers: a short name would be a change in each preview.
          name: recordName,
          type: pulumi.all([address, kind.keepers]).apply(([each]) => recordType(each)),
          content: pulumi.output(address).value,
          ttl: 1, // automatic, as a proxied record's must be
          proxied,
          comment: "HTTPS edge",
        },
        // From A to AAAA, too, the old record goes first.
        { parent: this, deleteBeforeReplace: true, ...more },
      );
    const records = knownOrNot(addresses, (known) =>
      [
        ["apex", domain.name],
        ["wildcard", `*.${domain.name}`],
      ].flatMap(([label = "", recordName = ""]) => {
        if (!known)
          return [
            record(
              label,
              recordName,
              addresses.apply(([first]) => first),
              {},
            ),
          ];
        // The record of a single address has a name of its own, so that another address changes it in place. Several are named by their
        // addresses: by their numbers, a record would take over the content of its neighbour, which Cloudflare refuses while that stands.
        const [first, ...others] = known;
        const by = ({ value }: Address) => `${label}-${value.replaceAll(":", "-")}`;
        const [own, former] = others.length > 0 ? [by(first), label] : [label, by(first)];
        const dependsOn = record(own, recordName, first, { aliases: [{ name: `${name}-${former}` }] });
        return [dependsOn, ...others.map((each) => record(by(each), recordName, each, { dependsOn }))];
      }),
    );
    this.registerOutputs({ names: records.apply((all) => all.map((each) => each.name)) });
  }
}
