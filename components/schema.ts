/** Everything that an edge decides, in the order of its parts; each part documents and checks its own. */
import { z } from "zod";
import { type CloudflareArgs, cloudflareSetting } from "./cloudflareToken";
import { type ClusterArgs, clusterSetting } from "./cluster";
import { type CrdsArgs, crdsSetting } from "./crds";
import { type AcmeArgs, acmeSetting } from "./issuers";
import { checkLanding, type LandingArgs, landingSetting } from "./landing";
import { type ProxiesArgs, proxiesSetting } from "./proxies";
import { checkAnnotation } from "./rules/addresses";
import { type VersionsArgs, versionsOf, versionsSetting } from "./rules/versions";
import { type WhoamiArgs, whoamiSetting } from "./whoami";
import { type DomainArgs, domainsSetting } from "./zones";

/** Arguments of the edge; a stack's settings are the same, but for the secrets. */
export interface HttpsEdgeArgs {
  /** Domains to serve, each with its wildcard; at most 64. Add new ones at the end. */
  domains: DomainArgs[];
  /**
   * Which cluster the edge stands in.
   * @default - the one that KUBECONFIG leads to
   */
  cluster?: ClusterArgs;
  /**
   * Versions of what is installed.
   * @default - the newest set
   */
  versions?: VersionsArgs;
  /**
   * Mirrors of the CRD files. The files are read through HTTPS_PROXY where it is set, as charts are.
   * @default - the pinned releases' files
   */
  crds?: CrdsArgs;
  /**
   * Whose the Cloudflare token is, and which.
   * @default - a user's token, never replaced
   */
  cloudflare?: CloudflareArgs;
  /**
   * How certificates are obtained.
   * @default - from Let's Encrypt's staging environment
   */
  acme?: AcmeArgs;
  /**
   * How the Gateway's proxies run.
   * @default - two proxies
   */
  gateway?: ProxiesArgs;
  /**
   * The page for hosts that no route claims; `{}` for the default page.
   * @default - no page: an unclaimed host gets Envoy's bare 404
   */
  landing?: LandingArgs;
  /**
   * A first application; `{}` for the defaults.
   * @default - none
   */
  whoami?: WhoamiArgs;
}

/** The settings of a stack, without its secrets: each by itself, and then those that must fit together. */
export const settingsSchema = z
  .strictObject({
    domains: domainsSetting,
    cluster: clusterSetting.optional(),
    versions: versionsSetting.optional(),
    crds: crdsSetting.optional(),
    cloudflare: cloudflareSetting.optional(),
    acme: acmeSetting.optional(),
    gateway: proxiesSetting.optional(),
    landing: landingSetting.optional(),
    whoami: whoamiSetting.optional(),
  } satisfies { [K in keyof Required<HttpsEdgeArgs>]: z.ZodType })
  .superRefine(({ domains, gateway, landing, versions }, context) => {
    const page = landing && checkLanding(landing, versionsOf(versions));
    if (page) context.addIssue({ code: "custom", path: ["landing"], message: page });
    const names = domains.map(({ name }) => name);
    for (const [key, value] of Object.entries(gateway?.annotations ?? {})) {
      const problem = checkAnnotation(key, value, names);
      if (problem) context.addIssue({ code: "custom", path: ["gateway", "annotations", key], message: problem });
    }
  });

/** Arguments without their secrets, which are checked when they are known. */
export const withoutSecrets = ({ cloudflare, cluster, ...args }: HttpsEdgeArgs): unknown => {
  const { mintingToken: _minting, dnsToken: _dns, ...plain } = cloudflare ?? {};
  const { kubeconfig: _kubeconfig, context: _context, ...pinned } = cluster ?? {};
  return { ...args, ...(cloudflare && { cloudflare: plain }), ...(cluster && { cluster: pinned }) };
};
