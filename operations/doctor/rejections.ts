/** What the proxies have refused of the configuration that Envoy Gateway sent them, by their own statistics. */
import { type Connection, ConnectionError } from "../../components/standing/connection";
import { items } from "../snapshot";
import { podsOf, type StandingEdge } from "../standingEdge";

/** Updates that were refused since a proxy began, and the moment of the last that was taken, in milliseconds as Date has them. */
export type Rejections = { pod: string; refused: number; lastTaken: number }[];

/** https://gateway.envoyproxy.io/docs/tasks/observability/proxy-metric/ */
const metricsPort = 19001;

/** https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/mgmt_server#xds-subscription-statistics */
const subscriptions = ["envoy_listener_manager_lds", "envoy_cluster_manager_cds", "envoy_http_rds"];

/** Asks each proxy by way of the API server; one that does not answer so tells nothing. Errors: `ConnectionError` of the list alone. */
export const rejectionsOf = async (cluster: Connection, { proxies }: StandingEdge): Promise<Rejections> => {
  const each = proxies.map(async (deployment) => {
    const pods = await items(cluster, podsOf(deployment));
    return Promise.all(
      pods.map(async ({ metadata: { name, namespace } }) => {
        const path = `/api/v1/namespaces/${namespace}/pods/${name}:${metricsPort}/proxy/stats/prometheus?filter=${encodeURIComponent("update_(rejected|time)")}`;
        const statistics = await cluster.text(path).catch((error: unknown) => {
          // Many may read pods and not their ports, and some clusters have no way from the API server to pods.
          if (error instanceof ConnectionError) return undefined;
          throw error;
        });
        return statistics === undefined ? [] : [{ pod: name, ...readStatistics(statistics) }];
      }),
    );
  });
  return (await Promise.all(each)).flat(2);
};

/** Reads the text form of Prometheus. */
export const readStatistics = (text: string): Omit<Rejections[number], "pod"> => {
  const samples = text.split("\n").flatMap((line) => {
    const [, name = "", value = ""] = /^(\w+)(?:\{.*\})? (\S+)$/.exec(line) ?? [];
    return name ? [{ name, value: Number(value) }] : [];
  });
  const of = (end: string) =>
    samples.filter(({ name }) => subscriptions.some((each) => name === `${each}_${end}`)).map(({ value }) => value);
  return {
    refused: of("update_rejected").reduce((sum, each) => sum + each, 0),
    lastTaken: Math.max(0, ...of("update_time")),
  };
};
