/** The Envoy proxies that serve the Gateway, and the load balancer's Service in front of them. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { EnvoyProxy } from "./resources/customResources";
import { checkAnnotationKey, checkAnnotationsSize, checkImage } from "./rules/checks";
import { IpFamily } from "./rules/ipFamilies";
import { edgeName, proxyLabels } from "./rules/names";
import { text } from "./rules/problems";

/** How the Gateway's proxies run. */
export interface ProxiesArgs {
  /**
   * Number of Envoy proxies.
   * @default 2
   */
  replicas?: number;
  /**
   * Annotations of the load balancer's Service, in the cloud's own words.
   * @default - none
   */
  annotations?: Record<string, string>;
  /**
   * Image of the proxies, with a tag or a digest: a mirror's copy, or a rebuild with security fixes.
   * @default - the image that this version of Envoy Gateway asks for
   */
  image?: string;
  /**
   * IP family of the proxies and of their Service: `IPv4`, `IPv6`, or `DualStack` for A and AAAA records. The cluster must have it, and a
   * Service that exists keeps its first one.
   * @default - the Service has the cluster's first family, and the proxies listen on IPv4
   */
  ipFamily?: IpFamily | `${IpFamily}`;
}

/** The setting `gateway`. */
export const proxiesSetting = z.strictObject({
  replicas: z.int().min(1).max(100).optional(),
  annotations: z
    .record(z.string(), z.string())
    .superRefine((annotations, context) => {
      const problem =
        Object.keys(annotations).map(checkAnnotationKey).find(Boolean) ?? checkAnnotationsSize(annotations);
      if (problem) context.addIssue({ code: "custom", message: problem });
    })
    .optional(),
  image: text(checkImage).optional(),
  ipFamily: z.enum(IpFamily).optional(),
} satisfies { [K in keyof Required<ProxiesArgs>]: z.ZodType });

/** What the Gateway names to have its proxies run so. */
export interface ParametersRef {
  group: string;
  kind: string;
  name: string;
}

/** EnvoyProxy `eg`, which hangs on the Gateway: https://gateway.envoyproxy.io/docs/api/extension_types/#envoyproxy */
export class Proxies extends pulumi.ComponentResource {
  readonly parametersRef: pulumi.Output<ParametersRef>;

  constructor(
    name: string,
    args: ProxiesArgs & { namespace: pulumi.Output<string> },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:Proxies", name, {}, opts);
    const { replicas = 2, annotations = {}, image, ipFamily, namespace } = args;
    const spread = {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: proxyLabels },
    };
    const proxy = new EnvoyProxy(
      name,
      {
        metadata: { name: edgeName, namespace },
        spec: {
          ...(ipFamily && { ipFamily }),
          provider: {
            type: "Kubernetes",
            kubernetes: {
              // Never an empty map: going back to one from annotations would send a null, which the API server refuses.
              ...(Object.keys(annotations).length > 0 && { envoyService: { annotations } }),
              envoyDeployment: {
                replicas,
                pod: { topologySpreadConstraints: [spread] },
                ...(image && { container: { image } }),
              },
              // A budget over a single proxy would block every drain of its node.
              ...(replicas > 1 && { envoyPDB: { minAvailable: 1 } }),
            },
          },
        },
      },
      { parent: this, dependsOn: opts.dependsOn },
    );
    this.parametersRef = proxy.metadata.name.apply((proxyName) => ({
      group: "gateway.envoyproxy.io",
      kind: "EnvoyProxy",
      name: proxyName,
    }));
    this.registerOutputs({ parametersRef: this.parametersRef });
  }
}
