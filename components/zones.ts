/** The domains to serve, and the Cloudflare zones that they lie in. */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { edgeError } from "./resources/error";
import type { Preflight } from "./resources/preflight";
import { checkCloudflareId, checkDomain, checkDomains, checkPrivateSuffix, checkZone } from "./rules/checks";
import * as limits from "./rules/limits";
import { text } from "./rules/problems";

/** A domain to serve, with its wildcard. */
export interface DomainArgs {
  /** The bare name: `example.com` or `staging.example.com`. Its wildcard is added. */
  name: string;
  /**
   * The Cloudflare zone that the name lies in.
   * @default - the name itself
   */
  zone?: string;
  /**
   * Id of the zone. With it the zone is not looked up.
   * @default - looked up by name
   */
  zoneId?: string;
}

/** The setting `domains`. */
export const domainsSetting = z
  .array(
    z
      .strictObject({
        name: text(checkDomain),
        zone: text(checkDomain).optional(),
        zoneId: text(checkCloudflareId).optional(),
      } satisfies { [K in keyof Required<DomainArgs>]: z.ZodType })
      .superRefine(({ name, zone, zoneId }, context) => {
        const problems = {
          name: checkPrivateSuffix(name, zoneId),
          zone:
            zone &&
            ((zone !== name && checkPrivateSuffix(zone, zoneId)) || (!checkDomain(name) && checkZone(name, zone))),
        };
        for (const [key, message] of Object.entries(problems))
          if (message) context.addIssue({ code: "custom", path: [key], message });
      }),
  )
  .min(1)
  .superRefine((domains, context) => {
    const problem = checkDomains(domains.map(({ name }) => name));
    if (problem) context.addIssue({ code: "custom", message: problem });
  })
  // For editors; the check says why.
  .meta({ maxItems: limits.gatewayApi.certificateRefs });

/** A domain and the zone that it lies in. */
export interface Domain {
  name: string;
  zone: { name: string; id: pulumi.Output<string> };
}

/**
 * The domains with their zones. A zone is looked up once, unless one of its domains brings its id; looking up asks for Zone Read on it.
 *
 * Errors: `domains must lie in zones that the Cloudflare token can see, got …`, with Cloudflare's own words.
 */
export const domainsOf = (
  domains: DomainArgs[],
  accountId: string | undefined,
  preflight: Preflight,
  opts: pulumi.InvokeOptions,
): Domain[] => {
  const zoneOf = ({ name, zone }: DomainArgs): string => zone ?? name;
  const ids = new Map<string, pulumi.Output<string>>();
  for (const { zoneId, ...domain } of domains) if (zoneId) ids.set(zoneOf(domain), pulumi.output(zoneId));
  return domains.map((domain) => {
    const zone = zoneOf(domain);
    const id = ids.get(zone) ?? pulumi.output(preflight.add(lookUp(zone, accountId, opts)));
    ids.set(zone, id);
    return { name: domain.name, zone: { name: zone, id } };
  });
};

/** Each zone once, in the order of the domains. */
export const zonesOf = (domains: Domain[]): Domain["zone"][] => [
  ...new Map(domains.map(({ zone }) => [zone.name, zone])).values(),
];

const lookUp = async (zone: string, accountId: string | undefined, opts: pulumi.InvokeOptions): Promise<string> => {
  const account = accountId ? { account: { id: accountId } } : {};
  try {
    const { zoneId, id } = await cloudflare.getZone({ filter: { name: zone, ...account } }, opts);
    return zoneId ?? id;
  } catch (error) {
    throw edgeError(
      `domains must lie in zones that the Cloudflare token can see, got "${zone}" (check the token and its Zone Read on this zone, or set zoneId)\n${error instanceof Error ? error.message : error}`,
    );
  }
};
