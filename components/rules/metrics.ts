/**
 * What the edge's metrics tell, as expressions of Prometheus. Envoy's names: https://www.envoyproxy.io/docs/envoy/latest/configuration/ (statistics
 * of each filter and manager), cert-manager's: https://cert-manager.io/docs/devops-tips/prometheus-metrics/, Envoy Gateway's:
 * https://gateway.envoyproxy.io/docs/tasks/observability/gateway-exported-metrics/
 *
 * None of them relies on a label that a scrape adds but `instance`, since every way of scraping adds others.
 */
import { type Names, namesOf } from "./names";

/** What the metrics are of. */
export interface Measured {
  names: Names;
  /** Number of the proxies, at the least. */
  replicas: number;
}

/** An edge that says nothing of itself. */
export const defaultMeasured: Measured = { names: namesOf(), replicas: 2 };

/** Label of each metric of an edge's proxies: others' Envoys have metrics of the same names. */
export const edgeLabel = "https_edge";

/** What a rate is taken over: several scrapes, so that one that fails does no harm. */
const over = "5m";

/** Bounds of the histogram that is drawn. */
export const quantiles = [0.5, 0.9, 0.99];

/** The expressions of an edge. */
export const expressionsOf = ({ names: { edge, issuers: both }, replicas }: Measured) => {
  const issuers = Object.values(both).join("|");
  const ofProxies = (metric: string, ...more: string[]) =>
    `${metric}{${[`${edgeLabel}="${edge}"`, ...more].join(", ")}}`;
  const perSecond = (selected: string, by = "") => `sum${by && ` by (${by})`} (rate(${selected}[${over}]))`;
  const bothListeners = 'envoy_http_conn_manager_prefix=~"https?-.+"';
  const https = 'envoy_http_conn_manager_prefix=~"https-.+"';
  const applications = 'envoy_cluster_name=~"(http|grpc)route/.+"';
  const answersOf = (hundred: number) => `envoy_response_code_class="${hundred}"`;

  /** Answers that came from no application: Envoy charges those that it gives for one that is down, slow or full to the application. */
  const ownAnswers = (hundred: number, listeners: string) => {
    const all = perSecond(ofProxies("envoy_http_downstream_rq_xx", listeners, answersOf(hundred)));
    const others = perSecond(ofProxies("envoy_cluster_upstream_rq_xx", applications, answersOf(hundred)));
    return `clamp_min(${all} - (${others} or vector(0)), 0)`;
  };

  /**
   * Answers to hosts that no route claims. No metric has them alone: what the proxies answer by themselves (`rq_direct_response`, `no_route`) has
   * the landing page of the apex, too, and their own 4xx have what filters refuse. Each is at least as many, so the lesser of both is nearest.
   */
  const direct = `${perSecond(ofProxies("envoy_http_rq_direct_response", https))} + ${perSecond(ofProxies("envoy_http_no_route", https))}`;
  const named = (expression: string, name: string) => `label_replace(${expression}, "of", "${name}", "", "")`;
  const unclaimed = `min(${named(direct, "answers")} or ${named(ownAnswers(4, https), "refusals")})`;

  const ofIssuers = `issuer_name=~"${issuers}"`;
  const notAfter = `certmanager_certificate_not_after_timestamp_seconds{${ofIssuers}}`;
  const notBefore = `certmanager_certificate_not_before_timestamp_seconds{${ofIssuers}}`;

  const serving = `${ofProxies("envoy_server_live")} == 1`;
  const listenerAt = (port: number) =>
    ofProxies("envoy_listener_downstream_cx_total", `envoy_listener_address=~".+_${port}"`);
  const withoutListener = (name: string, port: number) =>
    `label_replace(${serving} unless on (instance) ${listenerAt(port)}, "listener", "${name}", "", "")`;

  /** Counted in a while; a counter that came within it, with its first count, included, which `increase` does not see. */
  const counted = (selected: string, within: string) =>
    `sum by (instance) (${selected} - (${selected} offset ${within} or ${selected} * 0)) > 0`;
  const rejected = [
    "envoy_listener_manager_lds_update_rejected",
    "envoy_cluster_manager_cds_update_rejected",
    "envoy_http_rds_update_rejected",
    "envoy_cluster_update_rejected",
    "envoy_sds_update_rejected",
  ];
  const silent = (metric: string, source: string) => `label_replace(absent(${metric}), "source", "${source}", "", "")`;
  const challenges = (...labels: string[]) =>
    `certmanager_certificate_challenge_status{${['name=~"wildcard-.+"', ...labels].join(", ")}}`;

  return {
    requests: perSecond(ofProxies("envoy_http_downstream_rq_total", bothListeners)),
    requestsByClass: perSecond(ofProxies("envoy_http_downstream_rq_xx", bothListeners), "envoy_response_code_class"),
    httpsRequests: perSecond(ofProxies("envoy_http_downstream_rq_total", https)),
    unclaimed,
    ownErrors: ownAnswers(5, bothListeners),
    errorsByRoute: perSecond(
      ofProxies("envoy_cluster_upstream_rq_xx", applications, answersOf(5)),
      "envoy_cluster_name",
    ),
    requestsByRoute: perSecond(ofProxies("envoy_cluster_upstream_rq_xx", applications), "envoy_cluster_name"),
    latency: (quantile: number) =>
      `histogram_quantile(${quantile}, ${perSecond(ofProxies("envoy_http_downstream_rq_time_bucket", https), "le")})`,
    latencyByRoute: (quantile: number) =>
      `histogram_quantile(${quantile}, ${perSecond(ofProxies("envoy_cluster_upstream_rq_time_bucket", applications), "le, envoy_cluster_name")})`,
    connections: `sum by (envoy_http_conn_manager_prefix) (${ofProxies("envoy_http_downstream_cx_active", bothListeners)})`,
    handshakes: perSecond(ofProxies("envoy_listener_ssl_handshake")),
    handshakesFailed: perSecond(ofProxies("envoy_listener_ssl_connection_error")),
    memory: ofProxies("envoy_server_memory_physical_size"),
    proxies: `count(${serving}) or vector(0)`,
    tooFewProxies: `(count(${serving}) or vector(0)) < ${replicas}`,
    noProxies: `absent(${serving})`,
    withoutListener: `${withoutListener("https", 10443)} or ${withoutListener("http", 10080)}`,
    disconnected: `${ofProxies("envoy_control_plane_connected_state")} == 0`,
    connected: `sum(${ofProxies("envoy_control_plane_connected_state")})`,
    rejections: rejected.map((metric) => counted(ofProxies(metric), "15m")).join(" or "),
    lifeLeft: `(${notAfter} - time()) / (${notAfter} - ${notBefore})`,
    issued: `${notAfter} > 0`,
    certificateReady: `certmanager_certificate_ready_status{${ofIssuers}, condition="True"}`,
    issuerReady: `certmanager_clusterissuer_ready_status{name=~"${issuers}", condition="True"}`,
    challengesFailed: `max by (domain) (max_over_time(${challenges('status=~"invalid|errored|expired"')}[15m])) == 1`,
    challengesOpen: `max by (domain) (${challenges('status=~"pending|processing"')}) == 1`,
    tokenRefused: `max by (domain) (${challenges('reason=~"(?s).*Cloudflare API.*Error: (6003|9109|10000): .*"')}) == 1`,
    infrastructureFailed: `sum by (kind) (increase(resource_apply_total{status="failure"}[15m])) > 0`,
    silentControllers: `${silent("certmanager_clock_time_seconds_gauge", "cert-manager")} or ${silent("watchable_depth", "Envoy Gateway")}`,
  };
};
