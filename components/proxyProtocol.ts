/** PROXY protocol, by which a load balancer tells the proxies its clients' addresses: what each of the two ends is given. */
import { z } from "zod";
import { annotationsSetting } from "./rules/annotations";
import {
  type Annotations,
  checkBeside,
  checkHeaderVersion,
  checkLoadBalancer,
  HeaderVersion,
  loadBalancerNames,
  other,
  switchOf,
} from "./rules/loadBalancers";
import { sendsAnnotation } from "./rules/names";
import { text } from "./rules/problems";
import { checkPhase, type Ends, ProxyProtocolPhase, phases } from "./rules/proxyProtocol";
import { hasOptionalProxyProtocol, type VersionSet } from "./rules/versions";

/** Between which ends PROXY protocol is spoken, and how far it is. */
export interface ProxyProtocolArgs {
  /**
   * The load balancer: `vks`, `aws-nlb`, `aws-classic`, `digitalocean`, `hetzner`, `scaleway`, `openstack`, `ovhcloud`, `linode`, `vultr`,
   * `upcloud`, `civo`, `oci-lb`, `oci-nlb`, `azure-private-link`; or `other`, with `annotations`. See docs/traffic.md.
   */
  loadBalancer: string;
  /**
   * `prepare`, `enable`, `enforce`, one `pulumi up` after the other; and the same way back to `off`. A skipped one is refused.
   */
  phase: ProxyProtocolPhase | `${ProxyProtocolPhase}`;
  /**
   * Version of the header, `v1` or `v2`, where the load balancer lets one choose.
   * @default - the load balancer's usual one
   */
  version?: HeaderVersion | `${HeaderVersion}`;
  /**
   * Annotations of the Service that switch it on, in place of those that are known for the load balancer.
   * @default - the known ones
   */
  annotations?: Record<string, string>;
}

/** The setting `proxyProtocol`, as far as it can be judged alone. */
export const proxyProtocolSetting = z
  .strictObject({
    loadBalancer: text(checkLoadBalancer).meta({ enum: loadBalancerNames }),
    phase: z.enum(ProxyProtocolPhase),
    version: z.enum(HeaderVersion).optional(),
    annotations: annotationsSetting.optional(),
  } satisfies { [K in keyof Required<ProxyProtocolArgs>]: z.ZodType })
  .superRefine(({ loadBalancer, version, annotations }, context) => {
    const say = (key: string, message: string | undefined) => {
      if (message) context.addIssue({ code: "custom", path: [key], message });
    };
    const own = Object.keys(annotations ?? {}).length > 0;
    if (annotations && !own) say("annotations", "must hold at least one entry, got {} (or leave it out)");
    else if (loadBalancer === other && !own)
      say(
        "annotations",
        `must say what switches it on at a load balancer that is not in the table, got nothing (as its documentation has it)`,
      );
    if (version === undefined) return;
    say(
      "version",
      own || loadBalancer === other
        ? `must be left out beside annotations, got ${version} (they say it)`
        : checkHeaderVersion(loadBalancer, version),
    );
  });

/** Problems of the setting with those around it, each with its path. */
export const proxyProtocolProblems = (
  proxyProtocol: ProxyProtocolArgs | undefined,
  annotations: Annotations,
  versions: VersionSet,
): { path: string[]; message: string }[] => {
  const phase = proxyProtocol && checkPhase(proxyProtocol.phase, versions);
  const chosen = proxyProtocol && { loadBalancer: proxyProtocol.loadBalancer, annotations: ownSwitch(proxyProtocol) };
  return [
    ...(phase ? [{ path: ["proxyProtocol", "phase"], message: phase }] : []),
    ...checkBeside(annotations, chosen).map(({ key, problem }) => ({
      path: ["gateway", "annotations", key],
      message: problem,
    })),
  ];
};

/** What each end does; without the setting it is off. */
export const endsOf = (args: ProxyProtocolArgs | undefined): Ends => phases[args?.phase ?? ProxyProtocolPhase.Off];

const ownSwitch = ({ loadBalancer, version, annotations }: ProxyProtocolArgs): Annotations =>
  annotations ?? switchOf(loadBalancer, version);

/** What the load balancer's end is given: annotations of the Service, which say by themselves that it sends, whatever the cloud's own are. */
export const balancerAnnotations = (args: ProxyProtocolArgs | undefined): Annotations =>
  args && endsOf(args).balancer ? { ...ownSwitch(args), [sendsAnnotation]: args.loadBalancer } : {};

/** What the proxies' end is given: a field of the Gateway's ClientTrafficPolicy. */
export const proxyProtocolField = (args: ProxyProtocolArgs | undefined, versions: VersionSet): object => {
  const { proxies } = endsOf(args);
  if (proxies === "none") return {};
  return hasOptionalProxyProtocol(versions)
    ? { proxyProtocol: { optional: proxies === "optional" } }
    : { enableProxyProtocol: true };
};
