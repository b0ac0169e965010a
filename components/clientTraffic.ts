/** How the Gateway takes its clients' connections and requests. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type HstsArgs, hstsSetting, strictTransportSecurity } from "./hsts";
import { type ProxyProtocolArgs, proxyProtocolField } from "./proxyProtocol";
import { ClientTrafficPolicy, takenOver } from "./resources/customResources";
import type { Policy } from "./resources/policy";
import { checkDuration } from "./rules/durations";
import type { Names } from "./rules/names";
import { text } from "./rules/problems";
import { ciphers, ecdhCurves, signatureAlgorithms, tlsVersions } from "./rules/tls";
import {
  bytesOfWindow,
  checkBufferLimit,
  checkWindow,
  defaultBufferLimit,
  EscapedSlashes,
  Underscores,
} from "./rules/traffic";
import { offersEachCurve, readsTrailingDots, timesHeadersAndStreams, type VersionSet } from "./rules/versions";
import { clientIPDetection, earlyRequestHeaders, type TrustedProxiesArgs } from "./trustedProxies";

/** How the Gateway takes its clients' connections and requests; docs/traffic.md says why the defaults are what they are. */
export interface ClientTrafficArgs {
  /**
   * How long the headers of a request may take to arrive, from their first byte on; `0s` for no limit.
   * @default "15s"
   */
  requestHeadersReceivedTimeout?: string;
  /**
   * How long a whole request may take to arrive, its body included; `0s` for no limit.
   * @default "0s", since an upload takes as long as its client's line needs
   */
  requestReceivedTimeout?: string;
  /**
   * How long a request or its answer may stand still, without a byte either way: an upload, an awaited answer, an event stream, a WebSocket;
   * `0s` for no limit.
   * @default "1h"
   */
  streamIdleTimeout?: string;
  /**
   * How long a connection without a request stays open; `0s` for no limit. Longer than a CDN in front keeps its own, or requests get lost.
   * @default "1h"
   */
  idleTimeout?: string;
  /**
   * Connections that a listener of one proxy holds at once; further ones are closed.
   * @default 20000
   */
  connectionLimit?: number;
  /**
   * How much of a connection's bytes to and from a client a proxy holds before it stops reading more, from `16Ki` to `4Mi`. Large answers are
   * slower with less, and clients that do not read cost more memory with more.
   * @default "256Ki"
   */
  bufferLimit?: string;
  /**
   * How much of an upload a client may send ahead on one HTTP/2 stream, from `64Ki` to `16Mi`. An upload gets at most this per round trip, and
   * a client that does not read can make a proxy hold as much for each of its 100 streams.
   * @default "4Mi"
   */
  initialStreamWindowSize?: string;
  /**
   * What becomes of `%2F` and `%5C` in a path: `KeepUnchanged`, `RejectRequest`, `UnescapeAndForward` or `UnescapeAndRedirect`.
   * @default "KeepUnchanged"
   */
  escapedSlashesAction?: EscapedSlashes | `${EscapedSlashes}`;
  /**
   * Whether `//` in a path becomes `/`. Routes match by the path as it is then.
   * @default true
   */
  mergeSlashes?: boolean;
  /**
   * What becomes of a header with an underscore in its name: `DropHeader`, `Allow`, or `RejectRequest`.
   * @default "DropHeader"
   */
  withUnderscoresAction?: Underscores | `${Underscores}`;
  /**
   * Whether HTTP/1.0 is served; if not, it is answered 426.
   * @default true
   */
  http10?: boolean;
  /**
   * Whether HTTP/3 is served too, on UDP port 443. The cloud must carry TCP and UDP on one Service of type LoadBalancer.
   * @default false
   */
  http3?: boolean;
  /**
   * HTTP Strict Transport Security, on every answer over HTTPS.
   * @default - none: what an application sends by itself
   */
  hsts?: HstsArgs;
}

/** The setting `clientTraffic`, as far as it can be judged alone. */
export const clientTrafficSetting = z.strictObject({
  requestHeadersReceivedTimeout: text(checkDuration).optional(),
  requestReceivedTimeout: text(checkDuration).optional(),
  streamIdleTimeout: text(checkDuration).optional(),
  idleTimeout: text(checkDuration).optional(),
  connectionLimit: z.int().min(1).max(1_000_000).optional(),
  bufferLimit: text(checkBufferLimit).optional(),
  initialStreamWindowSize: text(checkWindow).optional(),
  escapedSlashesAction: z.enum(EscapedSlashes).optional(),
  mergeSlashes: z.boolean().optional(),
  withUnderscoresAction: z.enum(Underscores).optional(),
  http10: z.boolean().optional(),
  http3: z.boolean().optional(),
  hsts: hstsSetting.optional(),
} satisfies { [K in keyof Required<ClientTrafficArgs>]: z.ZodType });

/** What is wrong with the setting beside the versions, by its key. */
export const checkClientTraffic = (args: ClientTrafficArgs, versions: VersionSet): Record<string, string> => {
  const { requestHeadersReceivedTimeout, streamIdleTimeout } = args;
  if (timesHeadersAndStreams(versions)) return {};
  const given = Object.entries({ requestHeadersReceivedTimeout, streamIdleTimeout }).filter(([, value]) => value);
  return Object.fromEntries(
    given.map(([key, value]) => [
      key,
      `must be left out with Envoy Gateway ${versions.envoyGateway}, got "${value}" (its policies have no such limit: take versions.set "current")`,
    ]),
  );
};

/** What the policy is made of. */
export interface ClientTrafficPartArgs extends ClientTrafficArgs {
  names: Names;
  namespace: pulumi.Output<string>;
  versions: VersionSet;
  /** Proxies in front of the edge that are believed; none when absent. */
  trusted?: TrustedProxiesArgs;
  proxyProtocol?: ProxyProtocolArgs;
}

/**
 * The one ClientTrafficPolicy of the Gateway, since two on one Gateway conflict and do not merge. What only HTTPS must have makes it two: the
 * one for the HTTPS listener says everything, and holds there in place of the Gateway's. They are made before the Gateway, so that the first
 * request is taken as every other: https://gateway.envoyproxy.io/docs/api/extension_types/#clienttrafficpolicy
 *
 * Errors: `Serving` ends the `up` when Envoy Gateway does not accept them.
 */
export class ClientTraffic extends pulumi.ComponentResource {
  /** The policies, for what must not be made before them and for who waits until they are in force. */
  readonly policies: Policy[];

  constructor(name: string, args: ClientTrafficPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:ClientTraffic", name, {}, opts);
    const { names, namespace, hsts } = args;
    const policy = (logicalName: string, policyName: string, spec: object): Policy => ({
      kind: "ClientTrafficPolicy",
      name: policyName,
      resource: new ClientTrafficPolicy(
        logicalName,
        { metadata: { name: policyName, namespace, annotations: takenOver }, spec },
        { parent: this, dependsOn: opts.dependsOn },
      ),
    });
    const spec = specOf(args);
    this.policies = [
      policy(name, names.edge, spec),
      ...(hsts ? [policy(`${name}-https`, names.httpsPolicy, onHttps(spec, names, hsts))] : []),
    ];
    this.registerOutputs({});
  }
}

/** Each field is decided by one function, which says why. */
const specOf = (args: ClientTrafficPartArgs) => ({
  targetRefs: [args.names.gatewayTarget],
  ...proxyProtocolField(args.proxyProtocol, args.versions),
  ...clientIPDetection(args.trusted),
  timeout: timeout(args),
  tcpKeepalive,
  connection: connection(args),
  ...http1(args),
  http2: http2(args),
  ...(args.http3 && { http3: {} }),
  tls: tls(args),
  path: path(args),
  headers: headers(args),
});

/**
 * Headers have no reason to be slow, so a client that dribbles them is cut off; bodies and answers have, and are cut only when they stand
 * still. Envoy Gateway would wait for headers for ever, and cut what stands still after 5 minutes.
 */
const timeout = ({
  requestHeadersReceivedTimeout = "15s",
  requestReceivedTimeout = "0s",
  streamIdleTimeout = "1h",
  idleTimeout = "1h",
  versions,
}: ClientTrafficPartArgs) => ({
  http: {
    requestReceivedTimeout,
    idleTimeout,
    ...(timesHeadersAndStreams(versions) && { requestHeadersReceivedTimeout, streamIdleTimeout }),
  },
});

/** A quiet connection is probed before the first cloud forgets it, Azure after 4 minutes; a client that is gone is noticed after 5. */
const tcpKeepalive = { idleTime: "3m", interval: "30s", probes: 4 };

/** Envoy Gateway alone would accept 50,000 connections a proxy, more than the memory that it asks for. */
const connection = ({ connectionLimit = 20_000, bufferLimit = defaultBufferLimit }: ClientTrafficArgs) => ({
  connectionLimit: { value: connectionLimit },
  bufferLimit,
});

/** Older proxies and load tests speak it, nginx to its backends unless told otherwise. */
const http1 = ({ http10 = true }: ClientTrafficArgs) =>
  http10 ? { http1: { http10: { useDefaultHost: false } } } : {};

/** Envoy Gateway's windows of 64 KiB, with a round trip of 60 ms, hold an upload down to 1 MB/s. */
const http2 = ({ initialStreamWindowSize = "4Mi" }: ClientTrafficArgs) => ({
  maxConcurrentStreams: 100,
  initialStreamWindowSize,
  initialConnectionWindowSize: `${(2 * bytesOfWindow(initialStreamWindowSize)) / 1_024}Ki`,
});

/** Over plain HTTP the header is forbidden: https://www.rfc-editor.org/rfc/rfc6797#section-7.2 */
const onHttps = (spec: ReturnType<typeof specOf>, { httpsTarget }: Names, hsts: HstsArgs) => ({
  ...spec,
  targetRefs: [httpsTarget],
  headers: { ...spec.headers, lateResponseHeaders: strictTransportSecurity(hsts) },
});

/**
 * Sessions are never resumed: each proxy has keys of its own for its tickets, so that with two of them every other resumption would fail, and
 * whoever gets at such a key reads the TLS 1.2 sessions of two days. A handshake with an ECDSA key is cheap.
 * https://gateway.envoyproxy.io/docs/api/extension_types/#statelesstlssessionresumption
 */
const tls = ({ versions }: ClientTrafficPartArgs) => ({
  ...tlsVersions,
  ciphers,
  signatureAlgorithms,
  ...(offersEachCurve(versions) && { ecdhCurves }),
  // Otherwise Envoy Gateway takes HTTP/2 away as soon as another listener's certificate, such as a ListenerSet's, covers one of our names.
  alpnProtocols: ["h2", "http/1.1"],
});

/** A slash that is written as %2F belongs to the application, such as in GitLab's and npm's paths; Envoy Gateway would redirect it away. */
const path = ({ escapedSlashesAction = "KeepUnchanged", mergeSlashes = true }: ClientTrafficArgs) => ({
  escapedSlashesAction,
  disableMergeSlashes: !mergeSlashes,
});

const headers = ({ withUnderscoresAction = "DropHeader", trusted, versions }: ClientTrafficPartArgs) => ({
  // Two names that an application reads as one, such as x_real_ip and x-real-ip, would let a client speak for the proxy. Envoy Gateway would
  // refuse the whole request.
  withUnderscoresAction,
  // `example.com.` is the same host; without this it has no route.
  ...(readsTrailingDots(versions) && { host: { stripTrailingHostDot: true } }),
  earlyRequestHeaders: earlyRequestHeaders(trusted, versions),
});
