/** A first application: an echo of the request, on a route and in a namespace of its own. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Listener } from "./listener";
import { webServer } from "./resources/webServer";
import { HttpsRoute } from "./route";
import { checkLabel } from "./rules/checks";
import { mirrored } from "./rules/mirror";
import { labels as edgeLabels, hostsAnnotation, type Names, restricted } from "./rules/names";
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

/** What it is made of. */
export interface WhoamiPartArgs extends WhoamiArgs {
  names: Names;
  listener: Listener;
  /** Registry of one's own. */
  mirror?: string;
  /** Whether its namespace must list its hosts. */
  listedOnly?: boolean;
}

const port = 8080;
const app = "whoami";

/**
 * `https://whoami.<domain>`, by https://github.com/traefik/whoami; also the pattern for any other application, no request of which is lost while
 * its pods are replaced or a node is drained.
 */
export class Whoami extends pulumi.ComponentResource {
  constructor(name: string, args: WhoamiPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Whoami", name, {}, opts);
    const { names, mirror, host = app, replicas = 2, listener, listedOnly = false } = args;
    const hostnames = listener.domains.map((domain) => `${host}.${domain}`);
    const child = { parent: this };
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      {
        metadata: {
          name: names.whoami,
          labels: { ...edgeLabels, ...listener.attachLabels, ...restricted },
          ...(listedOnly && { annotations: { [hostsAnnotation]: hostnames.join(", ") } }),
        },
      },
      child,
    ).metadata.name;
    const { service } = webServer(
      name,
      {
        app,
        namespace,
        replicas,
        image: mirrored(whoamiImage, mirror),
        args: [`--port=${port}`],
        ports: [{ name: "http", port: 80, listens: port }],
        ready: "/health",
        memory: { request: "16Mi", limit: "64Mi" },
        askedBy: names.proxyLabels,
      },
      child,
    );
    new HttpsRoute(
      name,
      {
        name: app,
        listener,
        namespace,
        hostnames,
        rules: [{ backendRefs: [{ name: service, port: 80 }] }],
      },
      child,
    );
    this.registerOutputs({});
  }
}
