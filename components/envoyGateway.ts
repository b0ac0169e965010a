/** Envoy Gateway, which runs the proxies that a Gateway asks for. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { answering, type ControllersArgs } from "./controllers";
import { chart } from "./resources/chart";
import { GatewayClass, PodMonitor, waitFor } from "./resources/customResources";
import type { Preflight } from "./resources/preflight";
import { checkGatewayClass, checkNamespace, onlyOfExisting } from "./rules/checks";
import { mirrored } from "./rules/mirror";
import {
  controllerLabels,
  controllerName,
  labels,
  type Names,
  namespaces,
  product,
  releases,
  restricted,
} from "./rules/names";
import { text } from "./rules/problems";
import { type Monitored, Scrape, scrapedByMonitor } from "./rules/scrape";
import type { VersionSet } from "./rules/versions";

/** Whose Envoy Gateway it is. */
export interface EnvoyGatewayArgs {
  /**
   * Uses the Envoy Gateway that stands, managed by somebody else. It must run, be of the line of the chosen versions, and watch all namespaces.
   * @default false: it is installed
   */
  existing?: boolean;
  /**
   * Namespace in which it runs, and its proxies with it.
   * @default "envoy-gateway-system"
   */
  namespace?: string;
  /**
   * Its GatewayClass.
   * @default "eg"
   */
  gatewayClass?: string;
}

/** The setting `envoyGateway`. */
export const envoyGatewaySetting = z
  .strictObject({
    existing: z.boolean().optional(),
    namespace: text(checkNamespace).optional(),
    gatewayClass: text(checkGatewayClass).optional(),
  } satisfies { [K in keyof Required<EnvoyGatewayArgs>]: z.ZodType })
  .superRefine(onlyOfExisting("envoyGateway"));

/** What the part is made of. */
export interface EnvoyGatewayPartArgs extends EnvoyGatewayArgs, ControllersArgs {
  names: Names;
  versions: VersionSet;
  crds: pulumi.Resource;
  preflight: Preflight;
  /** Registry of one's own. */
  mirror?: string;
  /** How it is scraped, if anybody is to. */
  monitoring?: Monitored;
}

/**
 * Envoy Gateway from its own chart, in namespace `envoy-gateway-system`, and the GatewayClass `eg`; or those that stand:
 * https://gateway.envoyproxy.io/docs/install/install-helm/
 */
export class EnvoyGateway extends pulumi.ComponentResource {
  /** The class that a Gateway names. It is deleted before the controller, which must remove its finalizer. */
  readonly gatewayClassName: pulumi.Output<string>;
  /** The namespace, in which its proxies run too. */
  readonly namespace: pulumi.Output<string>;
  /**
   * The release, complete when its controllers run; nothing where Envoy Gateway stands already. What Envoy Gateway reads comes after it: one of
   * an older version drops the routes of a policy that it does not understand.
   */
  readonly release: pulumi.Resource[];

  constructor(name: string, args: EnvoyGatewayPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:EnvoyGateway", name, {}, opts);
    const { names, versions, crds, preflight, mirror, monitoring } = args;
    if (args.existing) {
      this.release = [];
      this.gatewayClassName = pulumi.output(names.gatewayClass);
      this.namespace = pulumi.output(names.controllers.envoyGateway);
      this.registerOutputs({});
      return;
    }
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: namespaces.envoyGateway, labels: { ...labels, ...restricted } } },
      { parent: this },
    );
    this.namespace = namespace.metadata.name;
    const release = chart(
      name,
      {
        chart: `oci://${mirrored("docker.io/envoyproxy/gateway-helm", mirror)}`,
        version: `v${versions.envoyGateway}`,
        name: releases.envoyGateway.name,
        namespace: this.namespace,
        // The chart would add the Gateway API's experimental channel to the standard one.
        skipCrds: true,
        values: {
          crds: { enabled: false },
          // A hook makes its webhook, which would outlive the release. Only zone-aware routing needs it.
          topologyInjector: { enabled: false },
          deployment: deployment(args),
          ...budget(args),
          ...(mirror && {
            global: { images: { envoyGateway: { image: mirrored(imageOf(versions), mirror) } } },
          }),
        },
        preflight,
      },
      // A controller that starts before its kinds exist does not watch them.
      { parent: this, dependsOn: crds },
    );
    this.release = [release];
    const gatewayClass = new GatewayClass(
      name,
      { metadata: { name: names.gatewayClass, annotations: waitFor("condition=Accepted") }, spec: { controllerName } },
      { parent: this, dependsOn: release },
    );
    if (monitoring?.scrape === Scrape.PodMonitor)
      new PodMonitor(
        name,
        {
          metadata: { name: `${product}-envoy-gateway`, namespace: this.namespace, labels: monitoring.labels },
          spec: {
            selector: { matchLabels: controllerLabels.envoyGateway },
            podMetricsEndpoints: [{ port: "metrics", path: "/metrics" }],
          },
        },
        { parent: this },
      );
    this.gatewayClassName = gatewayClass.metadata.name;
    this.registerOutputs({ gatewayClassName: this.gatewayClassName });
  }
}

/** Its own image, which is also that of what shuts a proxy down. */
const imageOf = ({ envoyGateway }: VersionSet) => `docker.io/envoyproxy/gateway:v${envoyGateway}`;

/**
 * Each of the controllers tells the proxies which pods an application has; one of them, the leader, makes proxies and reports:
 * https://gateway.envoyproxy.io/docs/api/extension_types/#leaderelection
 */
const deployment = (args: EnvoyGatewayPartArgs) => {
  const { replicas, topologySpreadConstraints } = available(args);
  const { priorityClass, monitoring } = args;
  const annotations = scrapedByMonitor(monitoring);
  return {
    replicas,
    pod: { ...(annotations && { annotations }), topologySpreadConstraints },
    ...(priorityClass && { priorityClassName: priorityClass }),
  };
};

const budget = (args: ControllersArgs) => {
  const { budget: podDisruptionBudget } = available(args);
  return podDisruptionBudget && { podDisruptionBudget };
};

const available = (args: ControllersArgs) => answering(args, controllerLabels.envoyGateway);
