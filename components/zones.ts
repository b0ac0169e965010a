/** The domains to serve, and the Cloudflare zones that they lie in. */
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Credential, deploying, type FoundZone, findZone, readRecords } from "./resources/credential";
import type { Preflight } from "./resources/preflight";
import { whenKnown } from "./resources/unknown";
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
   * Id of the zone. With it the zone is not looked up, which asks for Zone Read.
   * @default - looked up by name
   */
  zoneId?: string;
  /**
   * Account that owns the zone, where the edge's zones lie in several. The zones of each account get a token of their own.
   * @default - `cloudflare.accountId`, or the one account in which all such zones are found
   */
  accountId?: string;
}

/** The setting `domains`. */
export const domainsSetting = z
  .array(
    z
      .strictObject({
        name: text(checkDomain),
        zone: text(checkDomain).optional(),
        zoneId: text(checkCloudflareId).optional(),
        accountId: text(checkCloudflareId).optional(),
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
    for (const [index, { name, zone = name, accountId }] of domains.entries()) {
      const other = domains.find((each) => (each.zone ?? each.name) === zone && each.accountId)?.accountId;
      if (accountId && accountId !== other)
        context.addIssue({ code: "custom", path: [index, "accountId"], message: twoAccounts(zone, other, accountId) });
    }
  })
  // For editors; the check says why.
  .meta({ maxItems: limits.gatewayApi.certificateRefs });

const twoAccounts = (zone: string, other: string | undefined, accountId: string): string =>
  `must be the same for each domain in ${zone}, got "${accountId}" beside "${other}" (a zone lies in one account)`;

/** A zone at Cloudflare. */
export interface Zone {
  name: string;
  /** The account that its domains name, if one does. */
  accountId: string | undefined;
  /** The account in which it was found; undefined when it was not looked up, or in a preview that cannot know it. */
  foundIn: Promise<string | undefined>;
  /** Whether it is looked up, and its account so becomes known. */
  lookedUp: boolean;
  id: pulumi.Output<string>;
  /** The id, for further reads of the preflight, which `id` waits for; undefined in a preview that cannot know it. */
  found: Promise<string | undefined>;
}

/** A domain and the zone that it lies in. */
export interface Domain {
  name: string;
  zone: Zone;
}

/**
 * The domains with their zones. A zone is looked up once, unless one of its domains brings its id; looking up asks for Zone Read on it. With
 * either, its DNS records are read once, since the provider's credential is to write there.
 *
 * Errors: a line for each zone that the credential cannot read, or whose records, with Cloudflare's own words.
 */
export const domainsOf = (
  domains: DomainArgs[],
  accountId: string | undefined,
  preflight: Preflight,
  opts: pulumi.InvokeOptions,
): Domain[] => {
  const zoneOf = ({ name, zone }: DomainArgs): string => zone ?? name;
  const credential = deploying(opts);
  const ofZone = <T>(key: (domain: DomainArgs) => T | undefined): Map<string, T> =>
    new Map(
      domains.flatMap((domain) => {
        const value = key(domain);
        return value === undefined ? [] : [[zoneOf(domain), value]];
      }),
    );
  const ids = ofZone(({ zoneId }) => zoneId);
  const accounts = ofZone(({ accountId }) => accountId);
  const zones = new Map<string, Zone>();
  return domains.map((domain) => {
    const name = zoneOf(domain);
    const given = { id: ids.get(name), accountId: accounts.get(name) };
    const zone = zones.get(name) ?? readable(credential, name, given, accountId, preflight);
    zones.set(name, zone);
    return { name: domain.name, zone };
  });
};

/** Each zone once, in the order of the domains. */
export const zonesOf = (domains: Domain[]): Zone[] => [...new Set(domains.map(({ zone }) => zone))];

const readable = (
  credential: Credential,
  name: string,
  given: { id: string | undefined; accountId: string | undefined },
  accountId: string | undefined,
  preflight: Preflight,
): Zone => {
  const looked: Promise<FoundZone> = given.id
    ? Promise.resolve({ id: given.id, accountId: undefined })
    : findZone(credential, name, given.accountId ?? accountId);
  const found = looked.then(({ id }) => id);
  const foundIn = looked.then((zone) => zone.accountId);
  foundIn.catch(() => {}); // the preflight tells
  const records = found.then((id) => id && readRecords(credential, name, id));
  const id = preflight.add(records.then(() => found));
  return { name, found, id: whenKnown(id), accountId: given.accountId, foundIn, lookedUp: !given.id };
};
