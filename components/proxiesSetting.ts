/** What users decide about the proxies, and the checks of it. */
import { z } from "zod";
import { annotationsSetting } from "./rules/annotations";
import { checkImage, checkPriorityClass } from "./rules/checks";
import { checkDurationBetween, milliseconds } from "./rules/durations";
import { IpFamily } from "./rules/ipFamilies";
import { text } from "./rules/problems";
import { bytesOfMemory, checkCpu, checkMemory } from "./rules/quantities";

/** How the Gateway's proxies run. */
export interface ProxiesArgs {
  /**
   * Number of Envoy proxies.
   * @default 2
   */
  replicas?: number;
  /**
   * More proxies than `replicas` while there is more load. The cluster must have a metrics server.
   * @default - always as many as `replicas`
   */
  autoscaling?: AutoscalingArgs;
  /**
   * What each proxy has of a node.
   * @default - enough for some thousand connections
   */
  resources?: ResourcesArgs;
  /**
   * How a proxy ends, in a rolling restart or a drain of its node.
   * @default - new connections are taken for 30 s, and old ones kept for 60 s
   */
  drain?: DrainArgs;
  /**
   * PriorityClass of the proxies' pods, which must exist: those of a higher one push others off a full node.
   * @default - the cluster's default
   */
  priorityClass?: string;
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

/** How many proxies there are at what load. */
export interface AutoscalingArgs {
  /**
   * Number of proxies at the most.
   * @default 10
   */
  max?: number;
  /**
   * What each proxy may use of a processor, on average, before there are more of them.
   * @default "500m"
   */
  cpu?: string;
}

/** What a proxy has of a node. Without a limit of processor, as one would make requests wait. */
export interface ResourcesArgs {
  /**
   * Part of a processor that is kept free for a proxy.
   * @default "100m"
   */
  cpu?: string;
  /**
   * Memory that is kept free for a proxy.
   * @default "256Mi"
   */
  memory?: string;
  /**
   * Memory that a proxy may use. Near four fifths of it, Envoy refuses new requests rather than be killed with all of them.
   * @default "1Gi"
   */
  memoryLimit?: string;
}

/** How a proxy ends. */
export interface DrainArgs {
  /**
   * How long a proxy that ends takes new connections: as long as the load balancer needs to see that the node has no other one, which is the
   * interval of its health checks times the failures that it counts.
   * @default "30s"
   */
  healthChecks?: string;
  /**
   * How long connections with requests or streams under way may go on, before they are cut.
   * @default "60s"
   */
  connections?: string;
}

const autoscalingSetting = z.strictObject({
  max: z.int().min(1).max(100).optional(),
  cpu: text(checkCpu).optional(),
} satisfies { [K in keyof Required<AutoscalingArgs>]: z.ZodType });

const resourcesSetting = z
  .strictObject({
    cpu: text(checkCpu).optional(),
    memory: text(checkMemory).optional(),
    memoryLimit: text(checkMemory).optional(),
  } satisfies { [K in keyof Required<ResourcesArgs>]: z.ZodType })
  .superRefine((value, context) => {
    const { memory, memoryLimit } = { ...defaults.resources, ...value };
    if (bytesOfMemory(memoryLimit) < bytesOfMemory(memory))
      context.addIssue({
        code: "custom",
        message: `must have a memoryLimit of at least memory, got ${memoryLimit} and ${memory} (raise memoryLimit)`,
      });
  });

const drainSetting = z
  .strictObject({
    healthChecks: text(checkDurationBetween("1s", "10m")).optional(),
    connections: text(checkDurationBetween("1s", "1h")).optional(),
  } satisfies { [K in keyof Required<DrainArgs>]: z.ZodType })
  .superRefine((value, context) => {
    const { healthChecks, connections } = { ...defaults.drain, ...value };
    if (milliseconds(connections) < milliseconds(healthChecks))
      context.addIssue({
        code: "custom",
        message: `must leave connections as long as healthChecks, got ${connections} and ${healthChecks} (raise connections: the proxy would end before the load balancer has seen it)`,
      });
  });

/** The setting `gateway`. */
export const proxiesSetting = z
  .strictObject({
    replicas: z.int().min(1).max(100).optional(),
    autoscaling: autoscalingSetting.optional(),
    resources: resourcesSetting.optional(),
    drain: drainSetting.optional(),
    priorityClass: text(checkPriorityClass).optional(),
    annotations: annotationsSetting.optional(),
    image: text(checkImage).optional(),
    ipFamily: z.enum(IpFamily).optional(),
  } satisfies { [K in keyof Required<ProxiesArgs>]: z.ZodType })
  .superRefine(({ replicas = defaults.replicas, autoscaling }, context) => {
    const max = autoscaling?.max ?? defaults.autoscaling.max;
    if (autoscaling && max < replicas)
      context.addIssue({
        code: "custom",
        path: ["autoscaling"],
        message: `must have a max of at least gateway.replicas, got ${max} and ${replicas} (replicas is the number at rest)`,
      });
  });

/** What holds for a setting that is left out. */
export const defaults = {
  replicas: 2,
  autoscaling: { max: 10, cpu: "500m" },
  resources: { cpu: "100m", memory: "256Mi", memoryLimit: "1Gi" },
  drain: { healthChecks: "30s", connections: "60s" },
};
