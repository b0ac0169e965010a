/** Pods that answer HTTP, no request of which is lost while they are replaced or a node is drained. */
import * as kubernetes from "@pulumi/kubernetes";
import type { input } from "@pulumi/kubernetes/types";
import type * as pulumi from "@pulumi/pulumi";
import { budget, spread } from "../rules/availability";
import { labels as edgeLabels } from "../rules/names";

/** What a server is made of. */
export interface WebServer {
  /** Name of all its objects, and of its pods in the label `app`. */
  app: string;
  namespace: pulumi.Input<string>;
  replicas: number;
  image: string;
  command?: string[];
  args?: string[];
  /** Ports that it listens on, by the port of its Service that leads there. The first is asked whether a pod is ready. */
  ports: { name: string; port: number; listens: number }[];
  /** Path that a pod answers when it is ready. */
  ready: string;
  memory: { request: string; limit: string };
  /** Labels of the pods that may ask it, in whatever namespace: the Gateway's proxies. */
  askedBy: Record<string, string>;
  /** Volumes, each with the path that it is mounted at. */
  volumes?: (input.core.v1.Volume & { name: string; path: string })[];
  /** Name of its host within its pods, which stands for all of a pod's addresses. */
  hostname?: string;
  /**
   * Whether hosts that are served already will be led to it. Then its endpoints are awaited, too, for ten seconds more: they follow the pods a
   * moment later, and whoever is led to a Service without endpoints is answered 503.
   */
  takesOver?: boolean;
}

/**
 * Seconds that a pod goes on answering once it is to end. Meanwhile Envoy Gateway reads of it and tells the proxies, which takes a second or
 * two, and some more when the controller itself restarts; a pod that ended at once would take requests with it:
 * https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
 */
const farewell = 10;

/** The server's pods, their budget, who may ask them, and their Service, which is returned with what it takes for it to answer. */
export const webServer = (
  name: string,
  server: WebServer,
  opts: pulumi.CustomResourceOptions,
): { service: pulumi.Output<string>; answers: pulumi.Resource[] } => {
  const { app, namespace, replicas, image, command, args, ports, ready, memory, askedBy } = server;
  const { volumes, hostname, takesOver } = server;
  const selector = { app };
  const labels = { ...edgeLabels, ...selector };
  const [first] = ports;
  const deployment = new kubernetes.apps.v1.Deployment(
    name,
    {
      metadata: { name: app, namespace, labels },
      spec: {
        replicas,
        selector: { matchLabels: selector },
        // A pod goes only when the one in its place is ready.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: {
          metadata: { labels },
          spec: {
            hostname,
            automountServiceAccountToken: false,
            topologySpreadConstraints: spread(selector),
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              runAsGroup: 65532,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
              {
                name: app,
                image,
                command,
                args,
                ports: ports.map(({ name, listens }) => ({ name, containerPort: listens })),
                readinessProbe: { httpGet: { path: ready, port: first?.listens ?? 0 }, periodSeconds: 2 },
                lifecycle: { preStop: { sleep: { seconds: farewell } } },
                resources: { requests: { cpu: "10m", memory: memory.request }, limits: { memory: memory.limit } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                volumeMounts: volumes?.map(({ name, path }) => ({ name, mountPath: path })),
              },
            ],
            volumes: volumes?.map(({ path: _, ...volume }) => volume),
          },
        },
      },
    },
    opts,
  );
  if (replicas > 1)
    new kubernetes.policy.v1.PodDisruptionBudget(
      name,
      { metadata: { name: app, namespace, labels }, spec: { ...budget, selector: { matchLabels: selector } } },
      opts,
    );
  // Where the network honours it. A node may always reach its own pods, to ask whether they are ready.
  new kubernetes.networking.v1.NetworkPolicy(
    name,
    {
      metadata: { name: app, namespace, labels },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [{ namespaceSelector: {}, podSelector: { matchLabels: askedBy } }],
            ports: ports.map(({ name }) => ({ port: name })),
          },
        ],
      },
    },
    opts,
  );
  const service = new kubernetes.core.v1.Service(
    name,
    {
      metadata: {
        name: app,
        namespace,
        labels,
        ...(!takesOver && { annotations: { "pulumi.com/skipAwait": "true" } }),
      },
      spec: { selector, ports: ports.map(({ name, port }) => ({ name, port, targetPort: name })) },
    },
    opts,
  );
  return { service: service.metadata.name, answers: [deployment, service] };
};
