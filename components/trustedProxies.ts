/** Proxies in front of the edge, such as a content delivery network, that are believed what they tell of the client. */
import { z } from "zod";
import { checkCidr } from "./rules/cidrs";
import { chain, cloudflareAddress, removable } from "./rules/clientHeaders";
import { cloudflareRanges } from "./rules/cloudflareRanges";
import { text } from "./rules/problems";
import type { VersionSet } from "./rules/versions";

/** Which proxies in front of the edge are believed: `hops`, `cidrs` or `cloudflare`, one of the three. */
export interface TrustedProxiesArgs {
  /**
   * How many proxies each request passes, each of which adds its client to X-Forwarded-For. Whoever reaches the edge past them can forge
   * its address.
   * @default - none
   */
  hops?: number;
  /**
   * Ranges of the addresses from which the proxies come. Who comes from elsewhere is not believed.
   * @default - none
   */
  cidrs?: string[];
  /**
   * Believes Cloudflare's proxies, by the ranges that Cloudflare publishes.
   * @default - whether `cloudflare.proxied` is set
   */
  cloudflare?: boolean;
  /**
   * Lets nobody in but `cidrs`, or Cloudflare: the load balancer's Service gets their ranges as `loadBalancerSourceRanges`, which the cloud
   * must honour. See docs/traffic.md.
   * @default false
   */
  only?: boolean;
  /**
   * Says that the proxies of `hops` or `cidrs` stand before a load balancer that sends the PROXY protocol. Without it the two settings do not
   * go together: such a balancer adds nothing to X-Forwarded-For.
   * @default false
   */
  beforeBalancer?: boolean;
}

/** The setting `trustedProxies`. */
export const trustedProxiesSetting = z
  .strictObject({
    hops: z.int().min(1).max(10).optional(),
    cidrs: z.array(text(checkCidr)).min(1).optional(),
    cloudflare: z.boolean().optional(),
    only: z.boolean().optional(),
    beforeBalancer: z.boolean().optional(),
  } satisfies { [K in keyof Required<TrustedProxiesArgs>]: z.ZodType })
  .superRefine((trusted, context) => {
    const given = [
      ...(trusted.hops === undefined ? [] : ["hops"]),
      ...(trusted.cidrs ? ["cidrs"] : []),
      ...(trusted.cloudflare ? ["cloudflare"] : []),
    ];
    const say = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (given.length !== 1)
      say(
        [],
        `must hold one of hops, cidrs and cloudflare, got ${given.join(" and ") || "none of them"} (cidrs where the proxies' addresses are known, hops where only their number is)`,
      );
    else if (trusted.only && trusted.hops !== undefined)
      say(["only"], "must go with cidrs or cloudflare, got hops (a number tells no addresses that could be let in)");
  });

/** The proxies that are believed, by both settings. */
export const trustedProxies = (
  given: TrustedProxiesArgs | undefined,
  proxied: boolean | undefined,
): TrustedProxiesArgs | undefined => given ?? (proxied ? { cloudflare: true } : undefined);

/** What is wrong with them beside `cloudflare.proxied`. */
export const checkBesideProxied = (
  given: TrustedProxiesArgs | undefined,
  proxied: boolean | undefined,
): string | undefined =>
  proxied && given && !given.cloudflare
    ? `must be cloudflare where cloudflare.proxied is set, got ${given.cidrs ? "cidrs" : "hops"} (requests come by Cloudflare's proxies: leave it out, or set trustedProxies.cloudflare)`
    : undefined;

/** What is wrong with them beside PROXY protocol. */
export const checkBesideProxyProtocol = (
  given: TrustedProxiesArgs | undefined,
  proxyProtocol: boolean,
): string | undefined => {
  if (!given || given.cloudflare) return undefined;
  if (proxyProtocol && !given.beforeBalancer)
    return "must not go with proxyProtocol, got both (the load balancer tells the client's address by PROXY protocol, and adds nothing to X-Forwarded-For; if there are further proxies before it, set trustedProxies.beforeBalancer)";
  if (!proxyProtocol && given.beforeBalancer)
    return "must be without beforeBalancer where proxyProtocol is not set, got true (it says where the proxies stand if the load balancer sends the PROXY protocol)";
  return undefined;
};

/** The ranges whose addresses are let in alone; none: everybody. */
export const sourceRanges = (trusted: TrustedProxiesArgs | undefined): string[] =>
  trusted?.only ? rangesOf(trusted) : [];

const rangesOf = ({ cidrs = [], cloudflare }: TrustedProxiesArgs): string[] => (cloudflare ? cloudflareRanges : cidrs);

/** Whether the client's address is where Cloudflare writes it. Nobody else may be able to write there. */
const byCloudflareAlone = (trusted: TrustedProxiesArgs | undefined): boolean =>
  Boolean(trusted?.cloudflare && trusted.only);

/** Fields of the policy that tell Envoy where to find the client's address; none where it is the peer's. */
export const clientIPDetection = (trusted: TrustedProxiesArgs | undefined) => {
  if (!trusted) return {};
  if (byCloudflareAlone(trusted))
    return { clientIPDetection: { customHeader: { name: cloudflareAddress, failClosed: true } } };
  const { hops } = trusted;
  const xForwardedFor = hops === undefined ? { trustedCIDRs: rangesOf(trusted) } : { numTrustedHops: hops };
  return { clientIPDetection: { xForwardedFor } };
};

/**
 * What becomes of a request's headers before Envoy reads any. All that a client could forge is taken away; a proxy adds to X-Forwarded-For and
 * may leave the rest as its client sent it, so of a trusted proxy that chain alone stays.
 */
export const earlyRequestHeaders = (trusted: TrustedProxiesArgs | undefined, versions: VersionSet) => {
  const { names, families } = removable(versions);
  const alone = byCloudflareAlone(trusted);
  const kept = [...(trusted ? [chain] : []), ...(alone ? [cloudflareAddress] : [])];
  return {
    // In place of what a client told Cloudflare.
    ...(alone && { set: [{ name: chain, value: `%REQ(${cloudflareAddress})%` }] }),
    remove: names.filter((name) => !kept.includes(name)),
    ...(families.length > 0 && { removeOnMatch: families.map((value) => ({ type: "Prefix", value })) }),
  };
};
