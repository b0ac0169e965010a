/** The Cloudflare zones that the domains lie in. */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { fault } from "./fault";
import type { DomainArgs } from "./httpsEdge";

/** The zone of a domain: its own name unless another is given. */
export const zoneOf = ({ name, zone }: DomainArgs): string => zone ?? name;

/**
 * Id of each zone by its name. A zone without a `zoneId` is looked up, which asks for Zone Read on it.
 *
 * Errors: `domains must lie in zones that the Cloudflare token can see, got …`, with Cloudflare's own words.
 */
export const zoneIds = (
  domains: DomainArgs[],
  accountId: string | undefined,
  opts: pulumi.InvokeOptions,
): Record<string, pulumi.Output<string>> => {
  const ids: Record<string, pulumi.Output<string>> = {};
  for (const domain of domains) {
    const zone = zoneOf(domain);
    const known = domains.find((other) => zoneOf(other) === zone && other.zoneId)?.zoneId;
    ids[zone] ??= pulumi.output(known ?? lookUp(zone, accountId, opts));
  }
  return ids;
};

const lookUp = async (zone: string, accountId: string | undefined, opts: pulumi.InvokeOptions): Promise<string> => {
  const account = accountId ? { account: { id: accountId } } : {};
  try {
    const { zoneId, id } = await cloudflare.getZone({ filter: { name: zone, ...account } }, opts);
    return zoneId ?? id;
  } catch (error) {
    throw fault(
      `domains must lie in zones that the Cloudflare token can see, got "${zone}" (check the token and its Zone Read on this zone, or set zoneId)\n${error instanceof Error ? error.message : error}`,
    );
  }
};
