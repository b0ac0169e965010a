/** What the proxies have refused of the configuration that Envoy Gateway sent them, by their own statistics. */
import { type Connection, ConnectionError } from "../../components/standing/connection";
import { items } from "../snapshot";
import { podsOf, type StandingEdge } from "../standingEdge";

/** Of one proxy. */
interface Rejection {
  pod: string;
  /** Updates that it refused since it began. */
  refused: number;
  /** The moment of the last that it took, in milliseconds as Date has them. */
  lastTaken: number;
  /** Whether it has refused all of a kind, and so has nothing of it. */
  lacks: boolean;
}

export type Rejections = Rejection[];

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
export const readStatistics = (text: string): Omit<Rejection, "pod"> => {
  const samples = text.split("\n").flatMap((line) => {
    const [, name = "", labels = "", value = ""] = /^(\w+?)_update_(?:rejected|time)(\{.*\})? (\S+)$/.exec(line) ?? [];
    return subscriptions.includes(name)
      ? [{ of: name + labels, isTime: line.startsWith(`${name}_update_time`), value: Number(value) }]
      : [];
  });
  const refused = samples.filter(({ isTime, value }) => !isTime && value > 0);
  const times = samples.filter(({ isTime }) => isTime);
  return {
    refused: refused.reduce((sum, { value }) => sum + value, 0),
    lastTaken: Math.max(0, ...times.map(({ value }) => value)),
    lacks: refused.some((each) => times.some(({ of, value }) => of === each.of && value === 0)),
  };
};
