/** A real Prometheus on the first node, where pods' addresses lead to pods. It has the pods that PodMonitors select, as an operator would tell it. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { nodes, runDirectory, start, until } from "../../../lab";
import { type KubernetesObject, list } from "./cluster";

/** One value of a query, with its labels. */
export interface Sample {
  metric: Record<string, string>;
  value: number;
}

interface PodMonitor {
  selector: { matchLabels?: Record<string, string>; matchExpressions?: { key: string; values: string[] }[] };
  podMetricsEndpoints: { port: string; path: string; honorLabels?: boolean }[];
}

interface Pod {
  containers: { ports?: { name?: string; containerPort: number }[] }[];
}

const directory = join(runDirectory, "prometheus");
const address = `${nodes[0].address}:9090`;

/**
 * What the operator makes of a PodMonitor: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor. The pods are
 * those of now, since Debian's Prometheus asks no Kubernetes.
 */
const scrapesOf = (
  { name, namespace = "" }: KubernetesObject["metadata"],
  { selector, podMetricsEndpoints }: PodMonitor,
  pods: KubernetesObject[],
): object[] => {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const selected = pods.filter(
    ({ metadata: { labels = {}, ...metadata }, status }) =>
      metadata.namespace === namespace &&
      status?.phase === "Running" &&
      Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
      matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? "")),
  );
  return podMetricsEndpoints.map(({ port, path, honorLabels = false }, index) => ({
    job_name: `podMonitor/${namespace}/${name}/${index}`,
    honor_labels: honorLabels,
    metrics_path: path,
    static_configs: selected.flatMap(({ metadata, spec, status }) =>
      (spec as unknown as Pod).containers
        .flatMap(({ ports = [] }) => ports)
        .filter((each) => each.name === port)
        .map(({ containerPort }) => ({
          targets: [`${status?.podIP}:${containerPort}`],
          labels: { namespace, pod: metadata.name },
        })),
    ),
  }));
};

/** A running Prometheus that scrapes each second. */
export class Prometheus {
  private constructor(readonly stop: () => Promise<void>) {}

  /** Starts it with rule groups. */
  static async start(groups: object[]): Promise<Prometheus> {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const pods = await list("pod");
    const monitors = await list("podmonitors.monitoring.coreos.com");
    writeFileSync(join(directory, "rules.yaml"), dump({ groups }));
    const configuration = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: ["rules.yaml"],
      scrape_configs: monitors.flatMap(({ metadata, spec }) =>
        scrapesOf(metadata, spec as unknown as PodMonitor, pods),
      ),
    };
    writeFileSync(join(directory, "prometheus.yaml"), dump(configuration));
    const running = start([
      join(runDirectory, "nodes", nodes[0].name, "enter"),
      // Entering leaves a process between: when that ends, Prometheus must, too.
      ...["setpriv", "--pdeathsig", "TERM", "prometheus", `--config.file=${join(directory, "prometheus.yaml")}`],
      ...[`--storage.tsdb.path=${join(directory, "data")}`, `--web.listen-address=${address}`, "--log.level=warn"],
    ]);
    let ended: string | undefined;
    running.ended.then(({ output }) => {
      ended = output;
    });
    await until("Prometheus", async () => {
      if (ended !== undefined) throw new Error(ended);
      return (await fetch(`http://${address}/-/ready`)).ok;
    });
    return new Prometheus(async () => {
      running.stop();
      await running.ended;
      rmSync(directory, { recursive: true });
    });
  }

  /** The values of an expression now. */
  async query(expression: string): Promise<Sample[]> {
    const body = new URLSearchParams({ query: expression });
    const answer = await fetch(`http://${address}/api/v1/query`, { method: "POST", body });
    const { status, error, data } = (await answer.json()) as {
      status: string;
      error?: string;
      data: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (status !== "success") throw new Error(`${expression}: ${error}`);
    return data.result.map(({ metric, value: [, text] }) => ({ metric, value: Number(text) }));
  }

  /** Names of the alerts that fire, or that fired at any time within, such as `1h`. */
  async fired(within?: string): Promise<string[]> {
    const alerts = 'ALERTS{alertstate="firing"}';
    const found = await this.query(
      `group by (alertname) (${within ? `last_over_time(${alerts}[${within}])` : alerts})`,
    );
    return found.map(({ metric }) => metric.alertname ?? "").sort();
  }
}
