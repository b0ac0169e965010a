import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { alertsOf, ruleGroupsOf } from "../components/rules/alerts";
import { dashboardOf } from "../components/rules/dashboard";
import { namesOf } from "../components/rules/names";
import { tagPatches } from "../components/rules/scrape";
import { versionSets } from "../components/rules/versions";
import { written } from "../monitoring/write";
import { stand } from "./support/cluster";
import { type Deployment, type Registered, types } from "./support/deploy";
import { deployEdge } from "./support/edge";

const podMonitor = "kubernetes:monitoring.coreos.com/v1:PodMonitor";
const prometheusRule = "kubernetes:monitoring.coreos.com/v1:PrometheusRule";
const configMap = "kubernetes:core/v1:ConfigMap";
const part = "https-edge:index:Monitoring";
const isOurs = ({ type, parent }: Registered) => [podMonitor, prometheusRule].includes(type) || parent?.[0] === part;

const measured = { names: namesOf(), replicas: 2 };
const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const operator = (...plurals: string[]) =>
  stand(
    Object.fromEntries(
      plurals.map((plural) => [`${crds}/${plural}.monitoring.coreos.com`, { name: `${plural}.monitoring.coreos.com` }]),
    ),
  );

/** Values of a chart, as its release was given them. */
const valuesOf = (deployment: Deployment, name: string) =>
  deployment.only(types.release, name).inputs.values as Record<string, Record<string, unknown>>;
const proxyOf = (deployment: Deployment) =>
  deployment.only(types.envoyProxy).inputs.spec as {
    bootstrap: { jsonPatches: { path: string; value: object }[] };
    provider: { kubernetes: { envoyDeployment: { pod: { annotations?: object } } } };
  };
const tag = { tag_name: "https_edge", fixed_value: "eg" };

describe("Monitoring", () => {
  beforeEach(() => operator("podmonitors", "prometheusrules"));
  after(() => stand());

  it("makes and changes nothing when it is left out", async () => {
    const deployment = await deployEdge();
    assert.deepEqual(
      deployment.resources.filter((each) => isOurs(each) || each.type === part),
      [],
    );
    assert.doesNotMatch(JSON.stringify(proxyOf(deployment)), /stats_config|prometheus/);
    for (const name of ["edge-cert-manager", "edge-envoy-gateway"])
      assert.doesNotMatch(JSON.stringify(valuesOf(deployment, name)), /prometheus/);
  });

  it("by default has the proxies say whose their metrics are, and a dashboard, and leaves the annotations as they are", async () => {
    const deployment = await deployEdge({ monitoring: {} });
    assert.deepEqual(
      deployment.resources.filter(isOurs).map(({ type, name }) => [type, name]),
      [[configMap, "edge-monitoring"]],
    );
    const { bootstrap, provider } = proxyOf(deployment);
    assert.deepEqual(bootstrap.jsonPatches.at(-1), { op: "add", path: "/stats_config/stats_tags/-", value: tag });
    assert.equal(provider.kubernetes.envoyDeployment.pod.annotations, undefined);
    const { metadata, data } = deployment.only(configMap, "edge-monitoring").inputs as {
      metadata: { name: string; namespace: string; labels: Record<string, string> };
      data: Record<string, string>;
    };
    assert.deepEqual([metadata.name, metadata.namespace], ["https-edge-eg-dashboard", "envoy-gateway"]);
    assert.equal(metadata.labels.grafana_dashboard, "1");
    assert.equal(metadata.labels["app.kubernetes.io/part-of"], "https-edge");
    assert.deepEqual(JSON.parse(data["https-edge-eg.json"] ?? ""), dashboardOf(measured));
  });

  it("says the same to the proxies of Envoy Gateway 1.3, whose bootstrap says nothing of statistics", () => {
    assert.deepEqual(tagPatches(namesOf(), versionSets.guide), [
      { op: "add", path: "/stats_config", value: { stats_tags: [tag] } },
    ]);
  });

  it("makes a PodMonitor of each kind of pod, with the labels that are asked for, and takes the annotations away", async () => {
    const labels = { release: "prometheus", prometheus: "main" };
    const deployment = await deployEdge({ monitoring: { scrape: "podMonitor", dashboard: false, labels } });
    const monitors = deployment.resources.filter(({ type }) => type === podMonitor);
    assert.deepEqual(
      monitors
        .map(({ parent, inputs }) => {
          const { metadata, spec } = inputs as {
            metadata: { name: string; namespace: string; labels: Record<string, string> };
            spec: { selector: { matchLabels: object }; podMetricsEndpoints: object[] };
          };
          assert.equal(metadata.labels.release, "prometheus");
          assert.equal(metadata.labels.prometheus, "main");
          return [parent?.[1], metadata.namespace, metadata.name, spec.selector.matchLabels, spec.podMetricsEndpoints];
        })
        .sort(),
      [
        [
          "edge-envoy-gateway",
          "envoy-gateway-system",
          "https-edge-envoy-gateway",
          { "control-plane": "envoy-gateway" },
          [{ port: "metrics", path: "/metrics" }],
        ],
        [
          "edge-monitoring",
          "envoy-gateway-system",
          "https-edge-eg-proxies",
          {
            "gateway.envoyproxy.io/owning-gateway-name": "eg",
            "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway",
          },
          [{ port: "metrics", path: "/stats/prometheus" }],
        ],
      ],
    );
    assert.deepEqual(valuesOf(deployment, "edge-cert-manager").prometheus, {
      podmonitor: { enabled: true, honorLabels: true, labels: { release: "prometheus" }, prometheusInstance: "main" },
    });
    const off = { "prometheus.io/scrape": "false" };
    const { pod } = valuesOf(deployment, "edge-envoy-gateway").deployment as { pod: { annotations: object } };
    assert.deepEqual(pod.annotations, off);
    assert.deepEqual(proxyOf(deployment).provider.kubernetes.envoyDeployment.pod.annotations, off);
  });

  it("has the alerts as a PrometheusRule when asked, for as many proxies as there are", async () => {
    const labels = { release: "prometheus" };
    const deployment = await deployEdge({ monitoring: { alerts: true, labels }, gateway: { replicas: 5 } });
    const { metadata, spec } = deployment.only(prometheusRule).inputs as {
      metadata: { name: string; namespace: string; labels: Record<string, string> };
      spec: object;
    };
    assert.deepEqual([metadata.name, metadata.namespace], ["https-edge-eg", "envoy-gateway"]);
    assert.equal(metadata.labels.release, "prometheus");
    assert.deepEqual(spec, { groups: ruleGroupsOf({ ...measured, replicas: 5 }) });
  });

  for (const [setting, monitoring, crd, out] of [
    ["monitoring.scrape", { scrape: "podMonitor" }, "podmonitors", "set annotations"],
    [
      "monitoring.alerts",
      { alerts: true },
      "prometheusrules",
      "leave it out and give Prometheus the file monitoring/alerts.yaml",
    ],
  ] as const)
    it(`refuses ${setting} in a cluster without its CRD`, async () => {
      operator();
      await assert.rejects(deployEdge({ monitoring }), ({ message }: Error) =>
        message
          .split("\n")
          .includes(
            `  ${setting} must find the CRD ${crd}.monitoring.coreos.com in the cluster, got none (install the Prometheus operator first, or ${out})`,
          ),
      );
    });

  it("refuses labels that the API server would", async () => {
    const refused = async (labels: Record<string, string>, message: RegExp) =>
      assert.rejects(deployEdge({ monitoring: { labels } }), message);
    await refused({ "a b": "c" }, /monitoring\.labels must have a key such as/);
    await refused({ release: "a b" }, /monitoring\.labels must have a value such as kube-prometheus-stack, got "a b"/);
    await refused({ release: "a".repeat(64) }, /at most 63 letters/);
  });
});

describe("The alerts", () => {
  it("say what is wrong, since when, what it means and what to do next", () => {
    const alerts = alertsOf();
    assert.equal(new Set(alerts.map(({ name }) => name)).size, alerts.length);
    for (const { name, severity, for: duration, summary, threshold, meaning, next } of alerts) {
      assert.match(name, /^HttpsEdge[A-Z]/);
      assert.match(severity, /^(critical|warning)$/);
      assert.match(duration, /^\d+[sm]$/);
      for (const text of [summary, threshold, meaning]) assert.ok(text.length > 10, name);
      assert.match(next, /kubectl|pulumi/, name);
    }
  });

  it("of another edge go by its own proxies, issuers and objects", () => {
    const text = JSON.stringify(ruleGroupsOf({ names: namesOf({ name: "second" }), replicas: 2 }));
    for (const other of ['https_edge="eg"', "letsencrypt-prod|", 'letsencrypt-prod"', "gateway eg", "name=eg"])
      assert.ok(!text.replaceAll('\\"', '"').includes(other), other);
  });
});

describe("The dashboard", () => {
  const { panels, uid } = dashboardOf() as {
    uid: string;
    panels: {
      id: number;
      title: string;
      gridPos: { x: number; y: number; w: number; h: number };
      targets: { refId: string; expr: string }[];
    }[];
  };

  it("has panels of their own numbers and titles, each with something to ask", () => {
    assert.equal(uid, "https-edge-eg");
    for (const of of ["id", "title"] as const)
      assert.equal(new Set(panels.map((each) => each[of])).size, panels.length);
    for (const { title, targets } of panels) {
      assert.ok(targets.length > 0, title);
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
    }
  });

  it("fills the width of 24 and no place twice", () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
    assert.equal(cells.length % 24, 0);
    for (const { gridPos } of panels) assert.ok(gridPos.x + gridPos.w <= 24);
  });
});

describe("The files that follow from the alerts", () => {
  /** Formatting apart: the formatter owns it. */
  const plain = (file: string, text: string): unknown =>
    file.endsWith(".md") ? text.replace(/ +/g, " ").replace(/-{3,}/g, "---") : load(text);
  const read = (file: string): string => readFileSync(join(__dirname, "..", file), "utf8");
  for (const [file, rewrite] of Object.entries(written))
    it(`stand as the alerts are now in ${file} (make monitoring writes it)`, () => {
      const text = read(file);
      assert.deepEqual(plain(file, rewrite(text)), plain(file, text));
    });
});
