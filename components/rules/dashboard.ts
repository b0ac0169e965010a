/** A dashboard of Grafana: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
import { defaultMeasured, expressionsOf, type Measured, quantiles } from "./metrics";

/** What Prometheus the panels ask: whoever looks chooses. */
const datasource = { type: "prometheus", uid: "$datasource" };

/** A line, or a number, of a panel. */
interface Target {
  expr: string;
  legendFormat: string;
}

/** A panel without its number and place. */
interface Panel {
  title: string;
  description?: string;
  type: "stat" | "timeseries";
  unit: string;
  targets: Target[];
  /** Colours from values on; the first one is for all below. */
  steps?: [color: string, from?: number][];
}

const target = (expr: string, legendFormat = ""): Target => ({ expr, legendFormat });
const percentile = (quantile: number): string => `p${quantile * 100}`;
const good: [string, number?][] = [["green"]];
const badFrom = (value: number): [string, number?][] => [["green"], ["red", value]];
const goodFrom = (...values: [number, number?]): [string, number?][] => {
  const [green, orange] = values;
  return [["red"], ...(orange === undefined ? [] : [["orange", orange] as [string, number]]), ["green", green]];
};

/** Rows of panels, which share the width of 24. */
const rowsOf = (measured: Measured): Panel[][] => {
  const the = expressionsOf(measured);
  const share = (part: string, whole: string) => `${part} / (${whole} > 0) or vector(0)`;
  return [
    [
      {
        title: "Proxies",
        type: "stat",
        unit: "none",
        targets: [target(the.proxies)],
        steps: goodFrom(measured.replicas, 1),
      },
      {
        title: "Connected to Envoy Gateway",
        type: "stat",
        unit: "none",
        targets: [target(the.connected)],
        steps: goodFrom(measured.replicas, 1),
      },
      {
        title: "Life left",
        description: "Of each certificate, a share. It is renewed with a third left.",
        type: "stat",
        unit: "percentunit",
        targets: [target(`${the.lifeLeft} and ${the.issued}`, "{{name}}")],
        steps: goodFrom(0.25, 0.1),
      },
      {
        title: "Issuers ready",
        type: "stat",
        unit: "none",
        targets: [target(the.issuerReady, "{{name}}")],
        steps: goodFrom(1),
      },
      {
        title: "The edge's own 5xx",
        description: "Share of all answers. An application that is down counts as its own.",
        type: "stat",
        unit: "percentunit",
        targets: [target(share(the.ownErrors, the.requests))],
        steps: badFrom(0.01),
      },
      {
        title: "Unclaimed hosts",
        description: "Share of HTTPS requests for hosts that no route claims.",
        type: "stat",
        unit: "percentunit",
        targets: [target(share(the.unclaimed, the.httpsRequests))],
        steps: badFrom(0.1),
      },
    ],
    [
      {
        title: "Requests by hundred of their status",
        type: "timeseries",
        unit: "reqps",
        targets: [target(the.requestsByClass, "{{envoy_response_code_class}}xx")],
      },
      {
        title: "Latency",
        description: "Of HTTPS requests, from the first byte to the last.",
        type: "timeseries",
        unit: "ms",
        targets: quantiles.map((each) => target(the.latency(each), percentile(each))),
      },
    ],
    [
      {
        title: "Requests by route",
        type: "timeseries",
        unit: "reqps",
        targets: [target(the.requestsByRoute, "{{envoy_cluster_name}}")],
      },
      {
        title: "Applications' latency by route, p99",
        type: "timeseries",
        unit: "ms",
        targets: [target(the.latencyByRoute(0.99), "{{envoy_cluster_name}}")],
      },
      {
        title: "Applications' 5xx by route",
        description: "Those that the proxies answer for an application that is down, slow or full included.",
        type: "timeseries",
        unit: "reqps",
        targets: [target(the.errorsByRoute, "{{envoy_cluster_name}}")],
      },
    ],
    [
      {
        title: "Connections",
        type: "timeseries",
        unit: "none",
        targets: [target(the.connections, "{{envoy_http_conn_manager_prefix}}")],
      },
      {
        title: "TLS handshakes",
        type: "timeseries",
        unit: "ops",
        targets: [target(the.handshakes, "done"), target(the.handshakesFailed, "failed")],
      },
      {
        title: "Memory of each proxy",
        type: "timeseries",
        unit: "bytes",
        targets: [target(the.memory, "{{instance}}")],
      },
    ],
  ];
};

const width = 24;

/** The dashboard's JSON model. */
export const dashboardOf = (measured: Measured = defaultMeasured): object => {
  let id = 0;
  let y = 0;
  const panels = rowsOf(measured).flatMap((row) => {
    const height = row.every(({ type }) => type === "stat") ? 4 : 8;
    const w = width / row.length;
    const placed = row.map(({ title, description, type, unit, targets, steps = good }, index) => ({
      id: ++id,
      type,
      title,
      ...(description && { description }),
      datasource,
      gridPos: { x: index * w, y, w, h: height },
      fieldConfig: {
        defaults: {
          unit,
          min: 0,
          ...(type === "stat" && {
            color: { mode: "thresholds" },
            thresholds: { mode: "absolute", steps: steps.map(([color, value = null]) => ({ color, value })) },
          }),
        },
        overrides: [],
      },
      targets: targets.map(({ expr, legendFormat }, nth) => ({
        refId: String.fromCharCode("A".charCodeAt(0) + nth),
        datasource,
        expr,
        ...(legendFormat && { legendFormat }),
      })),
    }));
    y += height;
    return placed;
  });
  return {
    uid: `https-edge-${measured.names.edge}`,
    title: `HTTPS edge ${measured.names.edge}`,
    tags: ["https-edge"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: { list: [{ name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus" }] },
    panels,
  };
};
