/** How Prometheus and Grafana come to know of the edge. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { PodMonitor, PrometheusRule } from "./resources/customResources";
import { ruleGroupsOf } from "./rules/alerts";
import { dashboardOf } from "./rules/dashboard";
import { labelsSetting } from "./rules/labels";
import { labels as edgeLabels, type Names, product } from "./rules/names";
import { Scrape } from "./rules/scrape";

/** How Prometheus and Grafana come to know of the edge. */
export interface MonitoringArgs {
  /**
   * How Prometheus finds the pods of the proxies, of Envoy Gateway and of cert-manager: `annotations` on them (`prometheus.io/scrape`, `port`,
   * `path`), or `podMonitor`, objects of the Prometheus operator, whose CRDs the cluster must have.
   * @default "annotations"
   */
  scrape?: Scrape | `${Scrape}`;
  /**
   * Alert rules as a PrometheusRule of the Prometheus operator. As a rules file for any other Prometheus they are monitoring/alerts.yaml.
   * @default false
   */
  alerts?: boolean;
  /**
   * Dashboard in a ConfigMap with the label `grafana_dashboard`, by which Grafana's sidecar finds it.
   * @default true
   */
  dashboard?: boolean;
  /**
   * Labels of the PodMonitors and of the PrometheusRule, by which a Prometheus operator selects them, such as `release`.
   * @default - none
   */
  labels?: Record<string, string>;
}

/** The setting `monitoring`. */
export const monitoringSetting = z.strictObject({
  scrape: z.enum(Scrape).optional(),
  alerts: z.boolean().optional(),
  dashboard: z.boolean().optional(),
  labels: labelsSetting.optional(),
} satisfies { [K in keyof Required<MonitoringArgs>]: z.ZodType });

/** What the part is made of. */
export interface MonitoringPartArgs extends MonitoringArgs {
  names: Names;
  /** Namespace of the Gateway. */
  namespace: pulumi.Output<string>;
  /** Namespace of Envoy Gateway and of the proxies. */
  controllerNamespace: pulumi.Output<string>;
  /** Number of proxies, at rest. */
  replicas: number;
}

/**
 * What the proxies measure anyway, made known: a PodMonitor, alert rules and a dashboard. Those of the controllers come with their parts.
 * https://prometheus-operator.dev/docs/api-reference/api/
 */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Monitoring", name, {}, opts);
    const { scrape, alerts = false, dashboard = true, labels, names, namespace } = args;
    const measured = { names, replicas: args.replicas };
    const own = `${product}-${names.edge}`;
    const child = { parent: this };
    if (scrape === Scrape.PodMonitor)
      new PodMonitor(
        name,
        {
          metadata: { name: `${own}-proxies`, namespace: args.controllerNamespace, labels },
          spec: {
            selector: { matchLabels: names.proxyLabels },
            podMetricsEndpoints: [{ port: "metrics", path: "/stats/prometheus" }],
          },
        },
        child,
      );
    if (alerts)
      new PrometheusRule(
        name,
        { metadata: { name: own, namespace, labels }, spec: { groups: ruleGroupsOf(measured) } },
        child,
      );
    if (dashboard)
      new kubernetes.core.v1.ConfigMap(
        name,
        {
          metadata: { name: `${own}-dashboard`, namespace, labels: { ...edgeLabels, grafana_dashboard: "1" } },
          data: { [`${own}.json`]: JSON.stringify(dashboardOf(measured)) },
        },
        child,
      );
    this.registerOutputs({});
  }
}
