/** A first application: an echo of the request, on a route and in a namespace of its own. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Listener } from "./listener";
import { HttpsRoute } from "./route";
import { checkLabel } from "./rules/checks";
import { attachLabels, labels as edgeLabels, restricted } from "./rules/names";
import { text } from "./rules/problems";
import { whoamiImage } from "./rules/versions";

/** The first application. */
export interface WhoamiArgs {
  /**
   * Its label below each domain.
   * @default "whoami"
   */
  host?: string;
  /**
   * Number of its pods.
   * @default 2
   */
  replicas?: number;
}

/** The setting `whoami`. */
export const whoamiSetting = z.strictObject({
  host: text(checkLabel).optional(),
  replicas: z.int().min(1).max(100).optional(),
} satisfies { [K in keyof Required<WhoamiArgs>]: z.ZodType });

const port = 8080;
const app = "whoami";

/** `https://whoami.<domain>`, by https://github.com/traefik/whoami; also the pattern for any other application. */
export class Whoami extends pulumi.ComponentResource {
  constructor(name: string, args: WhoamiArgs & { listener: Listener }, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Whoami", name, {}, opts);
    const { host = app, replicas = 2, listener } = args;
    const child = { parent: this };
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: app, labels: { ...edgeLabels, ...attachLabels, ...restricted } } },
      child,
    ).metadata.name;
    const selector = { app };
    const labels = { ...edgeLabels, ...selector };
    new kubernetes.apps.v1.Deployment(
      name,
      {
        metadata: { name: app, namespace, labels },
        spec: {
          replicas,
          selector: { matchLabels: selector },
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
                  image: whoamiImage,
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
        spec: { selector, ports: [{ name: "http", port: 80, targetPort: "http" }] },
      },
      child,
    );
    new HttpsRoute(
      name,
      {
        name: app,
        listener,
        namespace,
        hostnames: listener.domains.map((domain) => `${host}.${domain}`),
        rules: [{ backendRefs: [{ name: service.metadata.name, port: 80 }] }],
      },
      child,
    );
    this.registerOutputs({});
  }
}
