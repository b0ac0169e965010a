/** When somebody must look at an edge: alert rules of Prometheus. https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
import { defaultMeasured, edgeLabel, expressionsOf, type Measured } from "./metrics";

/** One alert. Texts may have Prometheus's templates, such as `{{ $labels.domain }}`. */
export interface Alert {
  name: string;
  /** `critical` where requests fail or soon will, `warning` where there is time. */
  severity: "critical" | "warning";
  expression: string;
  /** How long it must hold. */
  for: string;
  /** What is wrong, in a line. */
  summary: string;
  /** Of what, and from where on, in words. */
  threshold: string;
  /** What it comes from and leads to, a sentence or two. */
  meaning: string;
  /** The command that tells more, or mends it. */
  next: string;
}

const certificate =
  "{{ $labels.name }} -n {{ with $labels.exported_namespace }}{{ . }}{{ else }}{{ $labels.namespace }}{{ end }}";

/** Shares and rates from which on an alert fires. */
const limits = {
  /** Share of a certificate's life that is left. It is renewed with a third of it left. */
  late: 0.25,
  ending: 0.1,
  /** Share of all answers. */
  ownErrors: 0.01,
  /** Share of a route's answers. */
  applicationErrors: 0.05,
  /** Errors a second, below which no share counts: with few requests one error is much. */
  errors: 0.1,
  /** Share of HTTPS requests, and how many a second. */
  unclaimed: 0.1,
  unclaimedRequests: 1,
};

/** The alerts of an edge. */
export const alertsOf = (measured: Measured = defaultMeasured): Alert[] => {
  const the = expressionsOf(measured);
  const { names, replicas } = measured;
  const { edge, namespace, controllers } = names;
  const proxies = `kubectl get pods -n ${controllers.envoyGateway} -l gateway.envoyproxy.io/owning-gateway-name=${edge} -o wide`;
  const controllerLogs = `kubectl logs -n ${controllers.envoyGateway} deploy/envoy-gateway`;
  return [
    {
      name: "HttpsEdgeCertificateNotRenewed",
      severity: "warning",
      expression: `${the.lifeLeft} < ${limits.late} and ${the.issued}`,
      for: "15m",
      summary:
        "Certificate {{ $labels.name }} has {{ $value | humanizePercentage }} of its life left and is not renewed",
      threshold: "a quarter of its life is left, whether that is 90, 45 or 6 days",
      meaning:
        "cert-manager renews with a third of the life left, so its tries have failed since. HTTPS goes on until the life ends.",
      next: `kubectl describe certificate ${certificate}; pulumi up tells the CA's words and begins anew`,
    },
    {
      name: "HttpsEdgeCertificateEnding",
      severity: "critical",
      expression: `${the.lifeLeft} < ${limits.ending} and ${the.issued}`,
      for: "5m",
      summary: "Certificate {{ $labels.name }} has {{ $value | humanizePercentage }} of its life left",
      threshold: "a tenth of its life is left",
      meaning: "When it ends, no client takes the domain's HTTPS any more.",
      next: `kubectl describe certificate ${certificate}; pulumi up tells the CA's words and begins anew`,
    },
    {
      name: "HttpsEdgeCertificateNotReady",
      severity: "critical",
      expression: `${the.certificateReady} == 0`,
      for: "15m",
      summary: "Certificate {{ $labels.name }} is not ready",
      threshold: "its condition Ready is not True",
      meaning: "It was never issued, has ended, or its Secret is missing or does not fit.",
      next: `kubectl describe certificate ${certificate}`,
    },
    {
      name: "HttpsEdgeIssuerNotReady",
      severity: "warning",
      expression: `${the.issuerReady} == 0`,
      for: "15m",
      summary: "ClusterIssuer {{ $labels.name }} is not ready",
      threshold: "its condition Ready is not True",
      meaning: "Its ACME account cannot be reached or was refused: nothing is issued by it until it is ready.",
      next: "kubectl describe clusterissuer {{ $labels.name }}",
    },
    {
      name: "HttpsEdgeChallengeFailed",
      severity: "warning",
      expression: the.challengesFailed,
      for: "0s",
      summary: "The CA has refused a challenge for {{ $labels.domain }}",
      threshold: "a challenge that is invalid, expired or in error, in the last 15 minutes",
      meaning:
        "cert-manager tries again in an hour and then ever later. Let's Encrypt allows five failures an hour for a name.",
      next: "pulumi up tells the CA's words and begins anew; kubectl get events -A --field-selector reason=Failed",
    },
    {
      name: "HttpsEdgeChallengePending",
      severity: "warning",
      expression: the.challengesOpen,
      for: "15m",
      summary: "A challenge for {{ $labels.domain }} has been open for a quarter of an hour",
      threshold: "a challenge that is pending or processing; one takes two or three minutes",
      meaning: "Its record cannot be written, or the CA does not see it.",
      next: "kubectl describe challenges -A",
    },
    {
      name: "HttpsEdgeTokenRefused",
      severity: "critical",
      expression: the.tokenRefused,
      for: "2m",
      summary: "Cloudflare refuses the token with which {{ $labels.domain }} is to be proved",
      threshold: "a challenge whose reason is Cloudflare's 6003, 9109 or 10000",
      meaning:
        "The token has ended, or was disabled or deleted. No certificate is issued or renewed until there is another.",
      next: 'pulumi config set --path https-edge:cloudflare.rotation "$(date +%F)" && pulumi up',
    },
    {
      name: "HttpsEdgeListenerMissing",
      severity: "critical",
      expression: the.withoutListener,
      for: "5m",
      summary: "Proxy {{ $labels.instance }} has no {{ $labels.listener }} listener",
      threshold: "a proxy that is live without the listener of :443 or of :80",
      meaning:
        "The Gateway's listener is not programmed: its certificates are missing or wrong, or the proxy has refused it. Nobody is answered there.",
      next: `kubectl describe gateway ${edge} -n ${namespace}`,
    },
    {
      name: "HttpsEdgeConfigurationRejected",
      severity: "critical",
      expression: the.rejections,
      for: "0s",
      summary: "Proxy {{ $labels.instance }} has refused what Envoy Gateway sent it",
      threshold: "an update of listeners, routes, clusters, endpoints or secrets refused in the last 15 minutes",
      meaning:
        "It serves what it had before; no change of any route arrives, and a proxy that starts anew answers 404 to every host. Envoy counts refusals alone, so the alert ends after a while though the cause may still be there.",
      next: `pulumi up tells Envoy's words; ${controllerLogs} | grep -i nack`,
    },
    {
      name: "HttpsEdgeProxyDisconnected",
      severity: "warning",
      expression: the.disconnected,
      for: "5m",
      summary: "Proxy {{ $labels.instance }} has no connection to Envoy Gateway",
      threshold: "a proxy that is not connected",
      meaning: "It serves what it knows: neither new routes nor new addresses of applications' pods reach it.",
      next: `kubectl get pods -n ${controllers.envoyGateway}`,
    },
    {
      name: "HttpsEdgeProxiesMissing",
      severity: "warning",
      expression: the.tooFewProxies,
      for: "10m",
      summary: `{{ $value }} of ${replicas} proxies are live`,
      threshold: `fewer than gateway.replicas (${replicas})`,
      meaning: "Those that are left have all requests to serve. Also when Prometheus cannot scrape one.",
      next: proxies,
    },
    {
      name: "HttpsEdgeDown",
      severity: "critical",
      expression: the.noProxies,
      for: "3m",
      summary: "No proxy is live",
      threshold: "none that Prometheus sees",
      meaning: "Nobody is answered, or Prometheus scrapes no proxy of this edge: then its other alerts are mute, too.",
      next: proxies,
    },
    {
      name: "HttpsEdgeControllerSilent",
      severity: "warning",
      expression: the.silentControllers,
      for: "10m",
      summary: "Prometheus has no metrics of {{ $labels.source }}",
      threshold: "no pod of cert-manager's controller or of Envoy Gateway that Prometheus sees",
      meaning: "It does not run, or is not scraped: the alerts that go by its metrics are mute.",
      next: `kubectl get pods -n ${controllers.certManager}; kubectl get pods -n ${controllers.envoyGateway}`,
    },
    {
      name: "HttpsEdgeInfrastructureFailed",
      severity: "warning",
      expression: the.infrastructureFailed,
      for: "0s",
      summary: "Envoy Gateway cannot write its {{ $labels.kind }}",
      threshold: "a write that failed in the last 15 minutes",
      meaning:
        "The proxies do not become what the Gateway asks for: a quota, an admission policy or rights are in the way.",
      next: `${controllerLogs} --since=15m | grep -i error`,
    },
    {
      name: "HttpsEdgeErrors",
      severity: "critical",
      expression: `${the.ownErrors} / ${the.requests} > ${limits.ownErrors} and ${the.ownErrors} > ${limits.errors}`,
      for: "10m",
      summary: "{{ $value | humanizePercentage }} of all requests get a 5xx of the edge's own",
      threshold: "one in a hundred answers, and one in ten seconds",
      meaning:
        "They reach no application: the proxies are full, or routes name Services that are not there. An application that is down counts as its own.",
      next: `kubectl get httproutes,grpcroutes -A -o wide; kubectl top pods -n ${controllers.envoyGateway}`,
    },
    {
      name: "HttpsEdgeApplicationErrors",
      severity: "warning",
      expression: `${the.errorsByRoute} / ${the.requestsByRoute} > ${limits.applicationErrors} and ${the.errorsByRoute} > ${limits.errors}`,
      for: "10m",
      summary: "{{ $value | humanizePercentage }} of the requests of {{ $labels.envoy_cluster_name }} fail",
      threshold: "one in twenty answers of a route's rule is a 5xx, and one in ten seconds",
      meaning:
        "The application says so, or is down, too slow or full, which the proxies answer in its place. The name is kind/namespace/name/rule/number.",
      next: `kubectl get endpointslices,pods -n {{ reReplaceAll "^[a-z]+/([^/]+)/.*" "$1" $labels.envoy_cluster_name }}`,
    },
    {
      name: "HttpsEdgeUnclaimedHosts",
      severity: "warning",
      expression: `${the.unclaimed} / ${the.httpsRequests} > ${limits.unclaimed} and ${the.unclaimed} > ${limits.unclaimedRequests}`,
      for: "10m",
      summary: "{{ $value | humanizePercentage }} of all requests are for hosts that no route claims",
      threshold: "one in ten HTTPS requests, and one a second",
      meaning: "A route was deleted or lost its host, or somebody looks for names.",
      next: "kubectl get httproutes -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTS:.spec.hostnames",
    },
  ];
};

/** The alerts as Prometheus's rule groups, which a rules file and a PrometheusRule have in common. */
export const ruleGroupsOf = (measured: Measured = defaultMeasured) => [
  {
    name: `https-edge-${measured.names.edge}`,
    rules: alertsOf(measured).map(({ name, severity, expression, for: duration, summary, meaning, next }) => ({
      alert: name,
      expr: expression,
      for: duration,
      labels: { severity, [edgeLabel]: measured.names.edge },
      annotations: { summary, description: `${meaning} Next: ${next}` },
    })),
  },
];
