/** Whose each host is: policies by which the API server refuses what would take a host from another namespace. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { admissionPolicy } from "./resources/admission";
import type { Policy } from "./rules/admission";
import { contentPolicy } from "./rules/content";
import { type HostRules, hostPolicy, kindPolicy } from "./rules/hosts";
import type { Names } from "./rules/names";
import type { VersionSet } from "./rules/versions";

/** Which hosts the routes of a namespace may claim. */
export interface HostsArgs extends HostRules {
  /**
   * Whether any attached namespace may claim a domain itself. Without it, only one whose annotation `https-edge/hosts` lists the domain.
   * @default false
   */
  apex?: boolean;
  /**
   * Whether any attached namespace may claim a wildcard, which takes the place of the landing page's hosts. Without it, only one whose
   * annotation lists it.
   * @default false
   */
  wildcards?: boolean;
  /**
   * Whether a namespace may claim only what its annotation `https-edge/hosts` lists. Otherwise one without the annotation may claim any host
   * below a domain.
   * @default false
   */
  listedOnly?: boolean;
}

/** The setting `hosts`. */
export const hostsSetting = z.strictObject({
  apex: z.boolean().optional(),
  wildcards: z.boolean().optional(),
  listedOnly: z.boolean().optional(),
} satisfies { [K in keyof Required<HostsArgs>]: z.ZodType });

/**
 * The API server judges routes that name the Gateway, in namespaces that attach, whenever one is made or its spec is changed. What stands
 * already is left alone. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class Hosts extends pulumi.ComponentResource {
  /** What a route must not come before, so that it is judged by these rules and not by those of before. */
  readonly policies: pulumi.Resource[];

  constructor(
    name: string,
    args: HostsArgs & { names: Names; domains: string[]; versions: VersionSet },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:Hosts", name, {}, opts);
    const { names, domains, versions, ...rules } = args;
    const child = { parent: this, dependsOn: opts.dependsOn };
    const admission = (part: keyof Names["admissionPolicies"], spec: Policy): pulumi.Resource[] =>
      admissionPolicy(
        `${name}-${part}`,
        names.admissionPolicies[part],
        { policy: { failurePolicy: "Fail", ...spec }, binding: { validationActions: ["Deny"] } },
        child,
      );
    this.policies = [
      ...admission("hosts", hostPolicy(names, domains, rules)),
      ...admission("kinds", kindPolicy(names)),
      ...admission("content", contentPolicy(names, versions)),
    ];
    this.registerOutputs({});
  }
}
