/** How the Gateway treats the applications behind it. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { compressionOf, compressionSetting, type Encoding } from "./compression";
import { type ErrorPagesArgs, errorPagesOf, errorPagesSetting } from "./errorPages";
import { BackendTrafficPolicy, takenOver } from "./resources/customResources";
import type { Policy } from "./resources/policy";
import { checkDuration } from "./rules/durations";
import type { Names } from "./rules/names";
import { text } from "./rules/problems";
import { checkBufferLimit, defaultBufferLimit } from "./rules/traffic";
import { retriesEarlyResets, type VersionSet } from "./rules/versions";

/** How the Gateway treats the applications behind it; docs/traffic.md says why the defaults are what they are. */
export interface BackendTrafficArgs {
  /**
   * How long a request may take until its answer is complete, on routes without a timeout of their own; `0s` for no limit.
   * @default "0s"
   */
  requestTimeout?: string;
  /**
   * How long a proxy keeps a connection to an application that it has no request for; `0s` for no limit. Shorter than the application keeps
   * it, or requests get lost.
   * @default "4s"
   */
  connectionIdleTimeout?: string;
  /**
   * Requests that one proxy has under way to one application; further ones are answered 503.
   * @default 10000
   */
  maxParallelRequests?: number;
  /**
   * How much of a connection's bytes to and from an application a proxy holds before it stops reading more, from `16Ki` to `4Mi`.
   * @default "256Ki"
   */
  bufferLimit?: string;
  /**
   * How often a request is tried again that no application has seen yet.
   * @default 5
   */
  numRetries?: number;
  /**
   * Encodings in which answers are compressed for clients that take them, the preferred one first: `br`, `gzip`, `zstd`.
   * @default - none: an answer passes as the application made it
   */
  compression?: Encoding[];
  /**
   * Pages for what the proxies answer when an application does not (502, 503, 504); `{}` for the default ones. An application's own answers
   * pass as they are.
   * @default - none: a line of text
   */
  errorPages?: ErrorPagesArgs;
}

/** The setting `backendTraffic`. */
export const backendTrafficSetting = z.strictObject({
  requestTimeout: text(checkDuration).optional(),
  connectionIdleTimeout: text(checkDuration).optional(),
  maxParallelRequests: z.int().min(1).max(4_294_967_295).optional(),
  bufferLimit: text(checkBufferLimit).optional(),
  numRetries: z.int().min(0).max(10).optional(),
  compression: compressionSetting.optional(),
  errorPages: errorPagesSetting.optional(),
} satisfies { [K in keyof Required<BackendTrafficArgs>]: z.ZodType });

/** What the policy is made of. */
export interface BackendTrafficPartArgs extends BackendTrafficArgs {
  names: Names;
  namespace: pulumi.Output<string>;
  versions: VersionSet;
}

/**
 * The one BackendTrafficPolicy of the Gateway; an application's own, on its route, takes its place for that route.
 * https://gateway.envoyproxy.io/docs/api/extension_types/#backendtrafficpolicy
 *
 * Errors: `Serving` ends the `up` when Envoy Gateway does not accept it.
 */
export class BackendTraffic extends pulumi.ComponentResource {
  /** The policy, for what must not be made before it and for who waits until it is in force. */
  readonly policies: Policy[];

  constructor(name: string, args: BackendTrafficPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:BackendTraffic", name, {}, opts);
    const { names, namespace } = args;
    const resource = new BackendTrafficPolicy(
      name,
      { metadata: { name: names.edge, namespace, annotations: takenOver }, spec: specOf(args) },
      { parent: this, dependsOn: opts.dependsOn },
    );
    this.policies = [{ kind: "BackendTrafficPolicy", name: names.edge, resource }];
    this.registerOutputs({});
  }
}

/** Each field is decided by one function, which says why. */
const specOf = (args: BackendTrafficPartArgs) => ({
  targetRefs: [args.names.gatewayTarget],
  timeout: timeout(args),
  circuitBreaker: circuitBreaker(args),
  connection: connection(args),
  retry: retry(args),
  ...(args.compression && compressionOf(args.compression, args.versions)),
  ...(args.errorPages && errorPagesOf(args.errorPages, args.versions)),
});

/**
 * An answer may take as long as the application needs: Envoy's own limit of 15 seconds cuts reports, streams and gRPC. A connection is given
 * up before the application closes it, Node.js' and uvicorn's servers after 5 seconds: a request that meets its end is lost.
 */
const timeout = ({ requestTimeout = "0s", connectionIdleTimeout = "4s" }: BackendTrafficArgs) => ({
  // A pod that is gone answers nothing at all. Two lost packets are sent again within this time.
  tcp: { connectTimeout: "5s" },
  http: { requestTimeout, connectionIdleTimeout },
});

/** Envoy's own 1,024 cut off an application with many WebSockets. A request has a connection of its own with HTTP/1.1. */
const circuitBreaker = ({ maxParallelRequests = 10_000 }: BackendTrafficArgs) => ({
  maxParallelRequests,
  maxConnections: maxParallelRequests,
  maxPendingRequests: maxParallelRequests,
});

/** An answer passes as fast as the slower of its two connections, so both have the same. */
const connection = ({ bufferLimit = defaultBufferLimit }: BackendTrafficArgs) => ({ bufferLimit });

/**
 * Only what no application can have acted on is tried again. Envoy Gateway's own list has answers with status 503 in it. Five times, as the
 * proxies prefer the pod with the fewest requests, and one that refuses connections always has none.
 */
const retry = ({ numRetries = 5, versions }: BackendTrafficPartArgs) => ({
  numRetries,
  retryOn: {
    triggers: ["connect-failure", "refused-stream", ...(retriesEarlyResets(versions) ? ["reset-before-request"] : [])],
  },
});
