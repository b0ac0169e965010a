/** The Envoy proxies that serve the Gateway, and the load balancer's Service in front of them. */
import * as pulumi from "@pulumi/pulumi";
import { defaults, type ProxiesArgs } from "./proxiesSetting";
import { balancerAnnotations, type ProxyProtocolArgs } from "./proxyProtocol";
import { EnvoyProxy } from "./resources/customResources";
import { budget, spread } from "./rules/availability";
import { mirrored } from "./rules/mirror";
import type { Names } from "./rules/names";
import { overloadPatches } from "./rules/overload";
import { type Scraped, scrapedByMonitor, tagPatches } from "./rules/scrape";
import { budgetsByUnavailable, proxyImage, staysReadyWhileDraining, type VersionSet } from "./rules/versions";

/** What the Gateway names to have its proxies run so. */
export interface ParametersRef {
  group: string;
  kind: string;
  name: string;
}

/** What the part is made of. */
export interface ProxiesPartArgs extends ProxiesArgs {
  names: Names;
  namespace: pulumi.Output<string>;
  versions: VersionSet;
  proxyProtocol?: ProxyProtocolArgs;
  /** Registry of one's own. */
  mirror?: string;
  /** Whom the load balancer lets in; everybody when there is none. */
  sourceRanges: string[];
  /** How the proxies are scraped, if anybody is to. */
  monitoring?: Scraped;
}

/**
 * EnvoyProxy `eg`, which hangs on the Gateway: https://gateway.envoyproxy.io/docs/api/extension_types/#envoyproxy
 * It has no field that its version of Envoy Gateway does not know.
 */
export class Proxies extends pulumi.ComponentResource {
  readonly parametersRef: pulumi.Output<ParametersRef>;
  /** Number of proxies, at rest. */
  readonly replicas: number;

  constructor(name: string, args: ProxiesPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Proxies", name, {}, opts);
    const proxy = new EnvoyProxy(
      name,
      {
        metadata: { name: args.names.edge, namespace: args.namespace },
        spec: specOf(args),
      },
      { parent: this, dependsOn: opts.dependsOn },
    );
    this.replicas = args.replicas ?? defaults.replicas;
    this.parametersRef = proxy.metadata.name.apply((proxyName) => ({
      group: "gateway.envoyproxy.io",
      kind: "EnvoyProxy",
      name: proxyName,
    }));
    this.registerOutputs({ parametersRef: this.parametersRef });
  }
}

/** Each field is decided by one function, which says why. */
const specOf = (args: ProxiesPartArgs) => ({
  ...(args.ipFamily && { ipFamily: args.ipFamily }),
  bootstrap: bootstrap(args),
  shutdown: shutdown(args),
  provider: {
    type: "Kubernetes",
    kubernetes: { ...service(args), envoyDeployment: deployment(args), ...autoscaler(args), ...disruption(args) },
  },
});

/** Never an empty map: going back to one from annotations would send a null, which the API server refuses. */
const service = ({ annotations: own, proxyProtocol, sourceRanges }: ProxiesPartArgs) => {
  const annotations = { ...own, ...balancerAnnotations(proxyProtocol) };
  const envoyService = {
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...(sourceRanges.length > 0 && { loadBalancerSourceRanges: sourceRanges }),
  };
  return Object.keys(envoyService).length > 0 && { envoyService };
};

const deployment = ({
  replicas = defaults.replicas,
  autoscaling,
  resources,
  image,
  priorityClass,
  names,
  mirror,
  versions,
  monitoring,
}: ProxiesPartArgs) => {
  const own = mirror && proxyImage(versions);
  const copied = own && mirrored(own, mirror);
  const { cpu, memory, memoryLimit } = { ...defaults.resources, ...resources };
  const annotations = scrapedByMonitor(monitoring);
  return {
    // The autoscaler's to decide; Envoy Gateway would set it back with each of its own changes.
    ...(!autoscaling && { replicas }),
    pod: { ...(annotations && { annotations }), topologySpreadConstraints: spread(names.proxyLabels) },
    container: {
      ...((image ?? copied) && { image: image ?? copied }),
      resources: { requests: { cpu, memory }, limits: { memory: memoryLimit } },
    },
    patch: {
      type: "StrategicMerge",
      value: {
        spec: {
          template: {
            spec: {
              ...(priorityClass && { priorityClassName: priorityClass }),
              containers: containersThatAreAskedOften,
            },
          },
        },
      },
    },
  };
};

/**
 * Envoy Gateway asks a starting proxy every 10 s whether it is ready, and a proxy is ready a second after its start: each would stand idle for
 * the rest, in each `up` and each step of a rolling restart. It may take five minutes, as before.
 */
const containersThatAreAskedOften = ["envoy", "shutdown-manager"].map((name) => ({
  name,
  startupProbe: { periodSeconds: 1, failureThreshold: 300 },
}));

/**
 * A controller that ends takes its proxies' streams with it, and they turn to its Service at once: before the Service has forgotten it, so
 * that half of them call a pod that is gone and does not answer. Envoy Gateway has them wait for 10 s, in which they send requests to
 * applications' pods that have ended meanwhile.
 */
const impatientWithControllers = {
  op: "replace",
  jsonPath: "$.static_resources.clusters[?(@.name=='xds_cluster')]",
  path: "/connect_timeout",
  value: "3s",
};

const bootstrap = ({ monitoring, names, versions }: ProxiesPartArgs) => ({
  type: "JSONPatch",
  jsonPatches: [...overloadPatches, impatientWithControllers, ...(monitoring ? tagPatches(names, versions) : [])],
});

const autoscaler = ({ replicas = defaults.replicas, autoscaling }: ProxiesArgs) => {
  if (!autoscaling) return undefined;
  const { max, cpu } = { ...defaults.autoscaling, ...autoscaling };
  // By what is used, not by a share of what is kept free: that is little, so that small clusters have room, and would be reached at once.
  const target = { type: "AverageValue", averageValue: cpu };
  const metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
  return { envoyHpa: { minReplicas: replicas, maxReplicas: max, metrics } };
};

/** None over a single proxy, which would block every drain of its node or be gone all the same. */
const disruption = ({ replicas = defaults.replicas, versions }: ProxiesPartArgs) => {
  if (replicas < 2) return undefined;
  const { maxUnavailable, unhealthyPodEvictionPolicy } = budget;
  const patch = { type: "StrategicMerge", value: { spec: { unhealthyPodEvictionPolicy } } };
  return {
    envoyPDB: budgetsByUnavailable(versions) ? { maxUnavailable, patch } : { minAvailable: replicas - 1, patch },
  };
};

/**
 * The pod's end, by Envoy Gateway's shutdown manager (`internal/cmd/envoy/shutdown_manager.go`): Envoy asks its clients at once to go elsewhere,
 * with `Connection: close` and GOAWAY, and goes on taking new connections. The node's health check for load balancers fails at once, as the
 * pod is no longer ready for kube-proxy; but kube-proxy sends connections to a pod that ends as long as its readiness probe succeeds and the
 * node has no other (https://kubernetes.io/blog/2022/12/30/advancements-in-kubernetes-traffic-engineering/). So the probe must not fail, nor
 * Envoy exit, before the load balancer has seen it. Then Envoy exits with its last connection, or when they had their time.
 */
const shutdown = ({ drain, versions }: ProxiesPartArgs) => {
  const { healthChecks, connections } = { ...defaults.drain, ...drain };
  return {
    drainTimeout: connections,
    minDrainDuration: healthChecks,
    ...(staysReadyWhileDraining(versions) && { healthCheckFailureDelay: healthChecks }),
  };
};
