/** A first application: an echo of the request, on a route and in a namespace of its own. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { accepted, HTTPRoute } from "./customResources";
import { attachLabel, type ParentRef } from "./gateway";
import type { WhoamiArgs } from "./httpsEdge";

const image = "docker.io/traefik/whoami:v1.11.0";
const port = 8080;
const app = "whoami";

/** `https://whoami.<domain>`, by https://github.com/traefik/whoami; also the pattern for any other application. */
export class Whoami extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: WhoamiArgs & { domains: string[]; parentRef: pulumi.Output<ParentRef>; certificates: pulumi.Resource[] },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:Whoami", name, {}, opts);
    const { host = app, replicas = 2, domains, parentRef, certificates } = args;
    const child = { parent: this };
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: app, labels: { ...attachLabel, "pod-security.kubernetes.io/enforce": "restricted" } } },
      child,
    ).metadata.name;
    const labels = { app };
    new kubernetes.apps.v1.Deployment(
      name,
      {
        metadata: { name: app, namespace, labels },
        spec: {
          replicas,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              automountServiceAccountToken: false,
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
                  args: [`--port=${port}`],
                  ports: [{ name: "http", containerPort: port }],
                  readinessProbe: { httpGet: { path: "/health", port }, periodSeconds: 2 },
                  resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                  },
                },
              ],
            },
          },
        },
      },
      child,
    );
    const service = new kubernetes.core.v1.Service(
      name,
      {
        // The Deployment is awaited; waiting for the endpoints as well would add ten idle seconds.
        metadata: { name: app, namespace, labels, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
      },
      child,
    );
    new HTTPRoute(
      name,
      {
        metadata: { name: app, namespace, annotations: accepted },
        spec: {
          parentRefs: [parentRef],
          hostnames: domains.map((domain) => `${host}.${domain}`),
          rules: [{ backendRefs: [{ name: service.metadata.name, port: 80 }] }],
        },
      },
      { ...child, dependsOn: certificates },
    );
    this.registerOutputs({});
  }
}
