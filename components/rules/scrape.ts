/** How Prometheus finds the edge's pods, and what that needs. */

import { edgeLabel } from "./metrics";
import type { Names } from "./names";
import { tagsStats, type VersionSet } from "./versions";

/** How Prometheus finds the pods. */
export enum Scrape {
  Annotations = "annotations",
  PodMonitor = "podMonitor",
}

/** What of the setting `monitoring` decides what the cluster must have, and how pods are annotated. */
export interface Scraped {
  scrape?: Scrape | `${Scrape}`;
  alerts?: boolean;
}

/** The same with the labels by which a Prometheus operator selects. */
export interface Monitored extends Scraped {
  labels?: Record<string, string>;
}

/** CRDs that the cluster must have, by the setting that asks for each, with the way out where it has none. */
export const monitoringCrds = ({ scrape, alerts }: Scraped = {}): Record<string, { crd: string; wayOut: string }> => ({
  ...(scrape === Scrape.PodMonitor && {
    "monitoring.scrape": { crd: "podmonitors.monitoring.coreos.com", wayOut: "set annotations" },
  }),
  ...(alerts && {
    "monitoring.alerts": {
      crd: "prometheusrules.monitoring.coreos.com",
      wayOut: "leave it out and give Prometheus the file monitoring/alerts.yaml",
    },
  }),
});

/**
 * Envoy Gateway and the charts put `prometheus.io/scrape: "true"` on every pod. With a PodMonitor beside it, a Prometheus that goes by both
 * would count each request twice.
 */
export const scrapedByMonitor = ({ scrape }: Scraped = {}): { "prometheus.io/scrape": string } | undefined =>
  scrape === Scrape.PodMonitor ? { "prometheus.io/scrape": "false" } : undefined;

/** A label on each metric of the proxies that says whose they are: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/metrics/v3/stats.proto */
export const tagPatches = ({ edge }: Names, versions: VersionSet): object[] => {
  const tag = { tag_name: edgeLabel, fixed_value: edge };
  return tagsStats(versions)
    ? [{ op: "add", path: "/stats_config/stats_tags/-", value: tag }]
    : [{ op: "add", path: "/stats_config", value: { stats_tags: [tag] } }];
};
