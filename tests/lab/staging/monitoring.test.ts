import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { ask, nodes, output, runDirectory } from "../../../lab";
import { attach, served } from "../support/application";
import { withFault } from "../support/cloudflare";
import { apply, certificate, get, list, remove } from "../support/cluster";
import { domain, serving, stagingEdge } from "../support/edge";
import { eventually } from "../support/eventually";
import { Prometheus } from "../support/prometheus";

interface Group {
  name: string;
  rules: { alert: string; expr: string; for: string }[];
}

const whoami = `whoami.${domain}`;
const nobody = `nobody.${domain}`;

/** A CRD of the Prometheus operator, as far as the edge writes its objects: https://prometheus-operator.dev/docs/api-reference/api/ */
const crd = (kind: string, plural: string, spec: object) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.monitoring.coreos.com` },
  spec: {
    group: "monitoring.coreos.com",
    scope: "Namespaced",
    names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", ...spec } } } },
      },
    ],
  },
});
const anything = { "x-kubernetes-preserve-unknown-fields": true };
const crds = [crd("PodMonitor", "podmonitors", anything), crd("PrometheusRule", "prometheusrules", anything)];

/** The rules with their times shortened: what is watched for minutes is watched for seconds. */
const shortened = (groups: Group[]): Group[] =>
  groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ({
      ...rule,
      for: "1s",
      expr: rule.expr.replaceAll("[5m]", "[8s]").replaceAll("15m", "20s"),
    })),
  }));

/** Every metric that expressions select, with its matchers. */
const selectorsOf = (expressions: string[]): { metric: string; labels: string[] }[] => {
  const found = expressions.flatMap((each) => [
    ...each.matchAll(/\b((?:envoy|certmanager|watchable|resource)_\w+)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?/g),
  ]);
  return found
    .filter(([, metric = ""]) => !/^envoy_(response_code_class|http_conn_manager_prefix|cluster_name)$/.test(metric))
    .map(([, metric = "", matchers = ""]) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)=~?"/g)].map(([, label = ""]) => label),
    }));
};

describe("Monitoring", () => {
  let prometheus: Prometheus;
  let restore: () => Promise<void>;
  let groups: Group[];
  const areFiring = async (...alerts: string[]): Promise<void> => {
    const firing = await prometheus.fired();
    for (const alert of alerts) assert.ok(firing.includes(alert), `${alert} is not among ${firing.join(", ")}`);
  };
  const fires = (...alerts: string[]): Promise<void> => eventually(alerts.join(" and "), () => areFiring(...alerts));
  const often = async (host: string, times = 60): Promise<void> => {
    for (let each = 0; each < times; each++) await ask(host);
  };
  /** The same, of requests that go on until then: an alert goes by those of the last moments. */
  const firesOf = (host: string, alert: string): Promise<void> =>
    eventually(alert, async () => {
      await often(host, 20);
      await areFiring(alert);
    });

  before(async () => {
    const stack = await stagingEdge();
    restore = stack.keepSettings();
  });
  after(async () => {
    await prometheus?.stop();
    await restore();
    await Promise.all(crds.map(({ metadata: { name } }) => remove("crd", name)));
  });

  describe("without a setting", () => {
    it("is by annotations, which lead to what each pod measures", async () => {
      const pods = (await list("pod")).filter(({ metadata }) =>
        /^(cert-manager|envoy-gateway-system)$/.test(metadata.namespace ?? ""),
      );
      const scraped = pods.flatMap(({ metadata, status }) => {
        const { annotations = {} } = metadata as { annotations?: Record<string, string> };
        if (annotations["prometheus.io/scrape"] !== "true") return [];
        const { "prometheus.io/port": port, "prometheus.io/path": path = "/metrics" } = annotations;
        return [`http://${status?.podIP}:${port}${path}`];
      });
      const answers = await output([
        join(runDirectory, "nodes", nodes[0].name, "enter"),
        ...["curl", "--silent", "--show-error", "--fail", ...scraped],
      ]);
      for (const metric of ["envoy_server_live", "watchable_depth", "certmanager_clock_time_seconds_gauge"])
        assert.match(answers, new RegExp(`^${metric}[{ ]`, "m"));
    });

    it("is refused by PodMonitors where the operator is missing, in the preview", async () => {
      const stack = await stagingEdge();
      stack.setBlocks({ monitoring: { scrape: "podMonitor", alerts: true } });
      await stack.refuses(
        /monitoring\.scrape must find the CRD podmonitors\.monitoring\.coreos\.com in the cluster, got none/,
        ["preview"],
      );
    });
  });

  describe("with the Prometheus operator's kinds", () => {
    before(async () => {
      await apply(...crds);
      const stack = await stagingEdge();
      stack.setBlocks({ monitoring: { scrape: "podMonitor", alerts: true, labels: { release: "prometheus" } } });
      await eventually("the kinds", async () => {
        await list("podmonitors.monitoring.coreos.com");
      });
      await stack.up();
      await serving();
      const { spec } = await get("prometheusrules.monitoring.coreos.com", "https-edge-eg", "envoy-gateway");
      groups = spec?.groups as Group[];
      // Prometheus is told of the pods once.
      await eventually("the proxies as they are now", async () => {
        const now = (await list("pods")).filter(
          ({ metadata: { labels, annotations }, status }) =>
            labels?.["gateway.envoyproxy.io/owning-gateway-name"] === "eg" &&
            annotations?.["prometheus.io/scrape"] !== "true" &&
            status?.phase === "Running",
        );
        assert.equal(now.length, 2);
      });
      prometheus = await Prometheus.start(shortened(groups));
      await often(whoami, 10);
      await often(domain, 2);
      await often(nobody, 1);
    });

    it("has all pods scraped once, which have no annotation for it any more", async () => {
      await eventually("each pod's metrics", async () => {
        // Proxies of before, which drain, do not say whose they are.
        const of = ['envoy_server_live{https_edge="eg"} == 1', "watchable_event_total", "process_start_time_seconds"];
        const pods = of.map((metric) => `count by (job, pod) (${metric})`).join(" or ");
        const jobs = (await prometheus.query(`count by (job) (${pods})`)).map(({ metric, value }) => [
          metric.job,
          value,
        ]);
        assert.deepEqual(jobs.sort(), [
          ["podMonitor/cert-manager/cert-manager/0", 4],
          ["podMonitor/envoy-gateway-system/https-edge-eg-proxies/0", 2],
          ["podMonitor/envoy-gateway-system/https-edge-envoy-gateway/0", 2],
        ]);
      });
      for (const { metadata } of (await list("pod")).filter(({ metadata }) =>
        /^https-edge|^cert-manager|^envoy/.test(metadata.namespace ?? ""),
      )) {
        const { annotations = {}, deletionTimestamp } = metadata as {
          annotations?: Record<string, string>;
          deletionTimestamp?: string;
        };
        if (!deletionTimestamp) assert.notEqual(annotations["prometheus.io/scrape"], "true", metadata.name);
      }
      for (const { metadata } of await list("podmonitors.monitoring.coreos.com"))
        assert.equal(metadata.labels?.release, "prometheus", metadata.name);
    });

    it("is silent on a sound edge", async () => {
      // Before its first scrape a Prometheus knows of nothing.
      await eventually("twenty scrapes", async () => {
        await often(whoami, 5);
        const [{ value } = { value: 0 }] = await prometheus.query(
          'min(count_over_time(envoy_server_live{https_edge="eg"}[1h]))',
        );
        assert.ok(value >= 20);
      });
      assert.deepEqual(await prometheus.fired("15s"), []);
    });

    it("tells of hosts that no route claims", async () => {
      await firesOf(nobody, "HttpsEdgeUnclaimedHosts");
    });

    it("tells of an application that fails, and of errors that are the edge's own", async () => {
      const servers = [createServer((_, response) => response.writeHead(500).end())];
      const application = await attach("failing", { servers });
      const missing = await attach("missing", {
        rules: [{ backendRefs: [{ name: "nowhere", port: 80 }] }],
        servers: [],
      });
      try {
        await served(application.host, 500);
        await served(missing.host, 500);
        await firesOf(application.host, "HttpsEdgeApplicationErrors");
        const alerts = await prometheus.query('ALERTS{alertname="HttpsEdgeApplicationErrors", alertstate="firing"}');
        assert.deepEqual(
          alerts.map(({ metric }) => metric.envoy_cluster_name),
          ["httproute/whoami/failing/rule/0"],
        );
        await firesOf(missing.host, "HttpsEdgeErrors");
      } finally {
        await Promise.all([application.remove(), missing.remove()]);
      }
    });

    it("tells of a token that Cloudflare refuses, by the challenge that it holds up", async () => {
      const fault = { path: "/zones", status: 403, code: 9109, message: "Invalid access token" };
      await withFault(fault, async () => {
        await apply(certificate({ name: "wildcard-alert", namespace: "whoami" }, [`alert.${domain}`]));
        try {
          await fires("HttpsEdgeTokenRefused", "HttpsEdgeChallengePending", "HttpsEdgeCertificateNotReady");
        } finally {
          await remove("certificate", "wildcard-alert", "whoami");
        }
      });
    });

    it("tells of a configuration that the proxies refuse", async () => {
      const users = "ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=";
      const metadata = { name: "refused", namespace: "whoami" };
      const application = await attach("refused", { servers: [undefined] });
      const twice = { apiVersion: "v1", kind: "Secret", metadata, stringData: { ".htpasswd": `${users}\n${users}` } };
      const policy = {
        apiVersion: "gateway.envoyproxy.io/v1alpha1",
        kind: "SecurityPolicy",
        metadata,
        spec: {
          targetRefs: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "refused" }],
          basicAuth: { users: { name: "refused" } },
        },
      };
      await apply(twice, policy);
      try {
        await fires("HttpsEdgeConfigurationRejected");
      } finally {
        await Promise.all([remove("securitypolicy", "refused", "whoami"), remove("secret", "refused", "whoami")]);
        await application.remove();
      }
    });

    it("goes by metrics and labels alone that the edge exports", async () => {
      const selectors = selectorsOf(groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)));
      assert.ok(selectors.length > 40);
      const missing: string[] = [];
      for (const { metric, labels } of selectors) {
        const found = await prometheus.query(
          `count(last_over_time(${metric}{${labels.map((label) => `${label}!=""`).join(", ")}}[1h]))`,
        );
        if (found.length === 0) missing.push(`${metric}{${labels.join(", ")}}`);
      }
      assert.deepEqual([...new Set(missing)], []);
    });

    it("has a dashboard each panel of which shows something", async () => {
      const { metadata, data } = await get("configmap", "https-edge-eg-dashboard", "envoy-gateway");
      assert.equal(metadata.labels?.grafana_dashboard, "1");
      const { panels } = JSON.parse(data?.["https-edge-eg.json"] ?? "") as {
        panels: { title: string; targets: { expr: string }[] }[];
      };
      const empty: string[] = [];
      for (const { title, targets } of panels)
        for (const { expr } of targets)
          if ((await prometheus.query(expr)).filter(({ value }) => !Number.isNaN(value)).length === 0)
            empty.push(title);
      assert.deepEqual(empty, []);
    });
  });
});
