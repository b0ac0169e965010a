/** A route of an application on the HTTPS listener. */
import * as pulumi from "@pulumi/pulumi";
import type { Listener } from "./listener";
import { accepted, HTTPRoute } from "./resources/customResources";
import { checkDuration } from "./rules/durations";
import * as limits from "./rules/limits";
import { problemsMessage } from "./rules/problems";
import * as checks from "./rules/routes";

/** A Service that answers, and its share of the requests: https://gateway-api.sigs.k8s.io/reference/spec/#httpbackendref */
export interface BackendRef {
  /** Name of a Service in the route's namespace. */
  name: pulumi.Input<string>;
  /** The Service's port. */
  port: number;
  /**
   * Share of the requests, beside the weights of the rule's other backends.
   * @default 1
   */
  weight?: number;
}

/** How long a request may take: https://gateway-api.sigs.k8s.io/reference/spec/#httproutetimeouts */
export interface RouteTimeouts {
  /**
   * The whole request, until its answer is complete, such as `30s`; `0s` for no limit.
   * @default - the edge's `backendTraffic.requestTimeout`, no limit
   */
  request?: string;
  /**
   * One try of a backend; at most `request`.
   * @default - none of its own
   */
  backendRequest?: string;
}

/** Where the requests of a path go. */
export interface RouteRule {
  /**
   * Prefix of the path, by whole elements: `/api` takes `/api` and `/api/v1`, not `/apis`. The longest prefix wins.
   * @default "/"
   */
  path?: string;
  /** Services that answer, each with its share of the requests. */
  backendRefs: BackendRef[];
  /**
   * How long a request may take.
   * @default - the edge's
   */
  timeouts?: RouteTimeouts;
}

/** What a route is made of. */
export interface HttpsRouteArgs {
  /** The edge's HTTPS listener: `edge.https`. */
  listener: Listener;
  /**
   * Name of the HTTPRoute.
   * @default - the component's name
   */
  name?: string;
  /** Namespace of the route and its Services. It must have the labels `listener.attachLabels`; its annotation `hostsAnnotation` may say which hosts. */
  namespace: pulumi.Input<string>;
  /**
   * Hosts to serve: a domain of the edge, or one label below one. An HTTPRoute takes 16, so for more there are several: `shop`, `shop-2`
   * and so on, in this order. Add new hosts at the end, so that none moves to another route.
   */
  hostnames: string[];
  /** Where the requests go, a rule for each path. */
  rules: RouteRule[];
}

/**
 * An HTTPRoute that the HTTPS listener has accepted and whose Services exist: `up` waits for both. Port 80 redirects to it already.
 * https://gateway-api.sigs.k8s.io/guides/user-guides/http-routing/
 *
 * Errors: one `pulumi.RunError` with a line for each problem of the arguments; Pulumi's, with the route's conditions, when it is not
 * accepted in 5 minutes.
 */
export class HttpsRoute extends pulumi.ComponentResource {
  /** Where the application answers, a URL a host. */
  readonly urls: string[];

  constructor(name: string, args: HttpsRouteArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { name: routeName = name, listener, namespace, hostnames, rules } = args;
    const problems = problemsOf(routeName, args);
    if (problems.length > 0) throw new pulumi.RunError(problemsMessage(problems));
    super("https-edge:index:HttpsRoute", name, {}, opts);
    attachRoute(
      name,
      {
        name: routeName,
        namespace,
        hostnames,
        listener,
        rules: rules.map(({ path = "/", backendRefs, timeouts }) => ({
          matches: [{ path: { type: "PathPrefix", value: path } }],
          backendRefs,
          ...(timeouts && { timeouts }),
        })),
      },
      { parent: this },
    );
    this.urls = hostnames.map((host) => `https://${host}`);
    this.registerOutputs({ urls: this.urls });
  }
}

/** An HTTPRoute on a listener, made once the listener can accept it; several when there are more hostnames than one takes. */
export const attachRoute = (
  name: string,
  route: {
    name: string;
    namespace: pulumi.Input<string>;
    listener: Listener;
    /** Every host when absent. */
    hostnames?: string[];
    rules: object[];
  },
  opts: pulumi.CustomResourceOptions,
): void => {
  const { listener, namespace, hostnames, rules } = route;
  const groups = hostnames ? chunks(hostnames, limits.gatewayApi.hostnames) : [undefined];
  // One after the other: when a host is removed, the next ones move up a route, and are on both before they leave the one below.
  let before = listener.ready;
  for (const [index, hosts] of groups.entries()) {
    const nth = index === 0 ? "" : `-${index + 1}`;
    const part = new HTTPRoute(
      `${name}${nth}`,
      {
        metadata: { name: `${route.name}${nth}`, namespace, labels: listener.labels, annotations: accepted },
        spec: { parentRefs: [listener.parentRef], ...(hosts && { hostnames: hosts }), rules },
      },
      { ...opts, dependsOn: before, customTimeouts: { create: "5m", update: "5m" } },
    );
    before = listener.ready.then((ready) => [...ready, part]);
  }
};

const chunks = <T>(values: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, nth) => values.slice(nth * size, (nth + 1) * size));

const problemsOf = (name: string, { listener, hostnames, rules }: HttpsRouteArgs): string[] => {
  const problem = (path: string, found: string | undefined): string[] => (found ? [`${path} ${found}`] : []);
  return [
    ...problem("name", checks.checkName(name)),
    ...problem("hostnames", checks.checkHostnames(hostnames, listener.domains)),
    ...problem("rules", checks.checkCount("rule", rules.length)),
    ...rules.flatMap(({ path = "/", backendRefs, timeouts = {} }, index) => {
      const at = `rules[${index}]`;
      const earlier = rules.slice(0, index).map(({ path = "/" }) => path);
      const { request, backendRequest } = timeouts;
      return [
        ...problem(`${at}.path`, checks.checkPath(path, earlier)),
        ...problem(`${at}.backendRefs`, checks.checkCount("backend", backendRefs.length)),
        ...problem(`${at}.backendRefs`, checks.checkWeights(backendRefs.map(({ weight = 1 }) => weight))),
        ...backendRefs.flatMap(({ port, weight = 1 }, nth) => [
          ...problem(`${at}.backendRefs[${nth}].port`, checks.checkPort(port)),
          ...problem(`${at}.backendRefs[${nth}].weight`, checks.checkWeight(weight)),
        ]),
        ...problem(`${at}.timeouts.request`, request && checkDuration(request)),
        ...problem(`${at}.timeouts.backendRequest`, backendRequest && checkDuration(backendRequest)),
        ...problem(`${at}.timeouts.backendRequest`, checks.checkTimeouts(request, backendRequest)),
      ];
    }),
  ];
};
