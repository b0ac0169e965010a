import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump } from "js-yaml";
import { after, before, describe, it } from "mocha";
import { alertsOf, ruleGroupsOf } from "../../../components/rules/alerts";
import { namesOf } from "../../../components/rules/names";
import { buildPrograms, output, run } from "../../../lab";

/** Series by their names and labels, with what they are or by how much they grow a minute. */
type Series = Record<string, string>;

/** Minutes from the beginning until it is looked whether an alert fires. */
const minutes = 40;
const now = minutes * 60;
const day = 86_400;
const stays = (value: number): string => `${value}+0x${minutes}`;
const grows = (perMinute: number): string => `0+${perMinute}x${minutes}`;
/** Nothing for most of the time, and then something. */
const since = (ago: number, before: string, value: string): string => `${before}x${minutes - ago - 1} ${value}x${ago}`;

const own = 'https_edge="eg"';
const proxies = ["10.0.0.1:19001", "10.0.0.2:19001"];
const listener = (prefix: string) => `${own}, envoy_http_conn_manager_prefix="${prefix}", instance="${proxies[0]}"`;
const https = listener("https-10443");
const shop = `${own}, envoy_cluster_name="httproute/shop/shop/rule/0", instance="${proxies[0]}"`;
const answers = (hundred: number): string =>
  `envoy_http_downstream_rq_xx{${https}, envoy_response_code_class="${hundred}"}`;
const shopAnswers = (hundred: number): string =>
  `envoy_cluster_upstream_rq_xx{${shop}, envoy_response_code_class="${hundred}"}`;
const listens = (instance: string, port: number): string =>
  `envoy_listener_downstream_cx_total{${own}, envoy_listener_address="0.0.0.0_${port}", instance="${instance}"}`;
const ofProxy = (metric: string, instance: string): string => `${metric}{${own}, instance="${instance}"}`;
const rejected = (metric: string): string => ofProxy(metric, proxies[0] ?? "");

const certificate = 'name="wildcard-example-com", namespace="envoy-gateway", issuer_name="letsencrypt-prod"';
/** A certificate's times, of which a share is left now. */
const life = (days: number, left: number, labels = certificate): Series => {
  const notAfter = now + days * day * left;
  return {
    [`certmanager_certificate_not_after_timestamp_seconds{${labels}}`]: stays(notAfter),
    [`certmanager_certificate_not_before_timestamp_seconds{${labels}}`]: stays(notAfter - days * day),
  };
};
const ready = `certmanager_certificate_ready_status{${certificate}, condition="True"}`;
const issuer = (name: string): string => `certmanager_clusterissuer_ready_status{name="${name}", condition="True"}`;
const challenge = (status: string, reason = ""): string =>
  `certmanager_certificate_challenge_status{name="wildcard-example-com-1-2-3", domain="example.com", status="${status}", reason="${reason}"}`;

/** An edge that serves a hundred requests a second, one in a hundred of which no route claims, with a client's errors now and then. */
const healthy: Series = {
  ...Object.fromEntries(
    proxies.flatMap((each) => [
      [ofProxy("envoy_server_live", each), stays(1)],
      [ofProxy("envoy_control_plane_connected_state", each), stays(1)],
      [listens(each, 10443), grows(60)],
      [listens(each, 10080), grows(60)],
      ...[
        "envoy_listener_manager_lds_update_rejected",
        "envoy_cluster_manager_cds_update_rejected",
        "envoy_http_rds_update_rejected",
      ].map((metric) => [ofProxy(metric, each), stays(0)]),
    ]),
  ),
  [`envoy_http_downstream_rq_total{${https}}`]: grows(6_000),
  [`envoy_http_downstream_rq_total{${listener("http-10080")}}`]: grows(600),
  [answers(2)]: grows(5_700),
  [answers(4)]: grows(270),
  [answers(5)]: grows(30),
  [shopAnswers(2)]: grows(5_700),
  [shopAnswers(4)]: grows(210),
  [shopAnswers(5)]: grows(30),
  [`envoy_http_rq_direct_response{${https}}`]: grows(60),
  [`envoy_http_no_route{${https}}`]: grows(0),
  ...life(90, 0.5),
  [ready]: stays(1),
  [issuer("letsencrypt-staging")]: stays(1),
  [issuer("letsencrypt-prod")]: stays(1),
  certmanager_clock_time_seconds_gauge: stays(now),
  'watchable_depth{message="xds"}': stays(0),
  'resource_apply_total{status="success", kind="Deployment"}': grows(1),
};

const gone = (...series: string[]): Series => Object.fromEntries(series.map((each) => [each, ""]));
const everything = (of: RegExp): Series => gone(...Object.keys(healthy).filter((each) => of.test(each)));

/** [what has happened, the series in which it shows, the alerts that fire for it]; none is silence. */
const cases: [string, Series, ...string[]][] = [
  ["nothing", {}],
  ...[90, 45, 6].flatMap((days): [string, Series, ...string[]][] => [
    [`a certificate for ${days} days has 30 % left and is about to be renewed`, life(days, 0.3)],
    [`a certificate for ${days} days has 24 % left`, life(days, 0.24), "HttpsEdgeCertificateNotRenewed"],
    [
      `a certificate for ${days} days has 9 % left`,
      life(days, 0.09),
      "HttpsEdgeCertificateNotRenewed",
      "HttpsEdgeCertificateEnding",
    ],
  ]),
  ["a certificate was not issued yet", { ...life(0, 0), [ready]: since(5, "1+0", "0+0") }],
  [
    "a certificate is not issued at all",
    { ...life(0, 0), ...zero(certificate), [ready]: stays(0) },
    "HttpsEdgeCertificateNotReady",
  ],
  ["somebody else's certificate ends", life(90, 0.01, 'name="shop", namespace="shop", issuer_name="shop"')],
  ["an issuer is not ready", { [issuer("letsencrypt-prod")]: stays(0) }, "HttpsEdgeIssuerNotReady"],
  ["an issuer has not been ready for a minute", { [issuer("letsencrypt-prod")]: since(1, "1+0", "0+0") }],
  ["somebody else's issuer is not ready", { [issuer("internal")]: stays(0) }],
  [
    "a challenge was refused five minutes ago and is gone",
    { [challenge("invalid", "no TXT record")]: `_x${minutes - 10} 1x4 _x5` },
    "HttpsEdgeChallengeFailed",
  ],
  ["a challenge was refused twenty minutes ago", { [challenge("invalid")]: `_x10 1x9 _x20` }],
  ["a challenge takes two minutes", { [challenge("pending")]: `_x${minutes - 2} 1x2` }],
  [
    "a challenge is pending for 20 minutes",
    { [challenge("pending")]: `_x${minutes - 20} 1x20` },
    "HttpsEdgeChallengePending",
  ],
  [
    "Cloudflare refuses the token",
    {
      [challenge(
        "pending",
        'while querying the Cloudflare API for GET \\"/zones?name=example.com\\" \\n\\t Error: 9109: Invalid access token',
      )]: `_x${minutes - 5} 1x5`,
    },
    "HttpsEdgeTokenRefused",
  ],
  ["a proxy lost its HTTPS listener", gone(listens(proxies[1] ?? "", 10443)), "HttpsEdgeListenerMissing"],
  [
    "a proxy has just started",
    {
      [listens(proxies[1] ?? "", 10443)]: `_x${minutes - 1} 0x1`,
      [ofProxy("envoy_server_live", proxies[1] ?? "")]: `_x${minutes - 2} 1x2`,
      [listens(proxies[1] ?? "", 10080)]: `_x${minutes - 1} 0x1`,
    },
  ],
  ...[
    "envoy_listener_manager_lds_update_rejected",
    "envoy_cluster_manager_cds_update_rejected",
    "envoy_http_rds_update_rejected",
  ].map((metric): [string, Series, ...string[]] => [
    `${metric} counts one`,
    { [rejected(metric)]: since(10, "3+0", "4+0") },
    "HttpsEdgeConfigurationRejected",
  ]),
  [
    "a proxy begins with a refusal",
    { [rejected("envoy_http_rds_update_rejected")]: `_x${minutes - 3} 1x3` },
    "HttpsEdgeConfigurationRejected",
  ],
  [
    "a proxy refused something twenty minutes ago",
    { [rejected("envoy_http_rds_update_rejected")]: since(20, "3+0", "4+0") },
  ],
  [
    "a proxy has no connection",
    { [ofProxy("envoy_control_plane_connected_state", proxies[0] ?? "")]: stays(0) },
    "HttpsEdgeProxyDisconnected",
  ],
  ["a proxy is gone", everything(/10\.0\.0\.2/), "HttpsEdgeProxiesMissing"],
  ["a proxy drains", { [ofProxy("envoy_server_live", proxies[0] ?? "")]: since(2, "1+0", "0+0") }],
  ["all proxies are gone", everything(/https_edge/), "HttpsEdgeProxiesMissing", "HttpsEdgeDown"],
  ["cert-manager is gone", everything(/^certmanager/), "HttpsEdgeControllerSilent"],
  ["Envoy Gateway is gone", everything(/^(watchable|resource)/), "HttpsEdgeControllerSilent"],
  [
    "Envoy Gateway may not write",
    { 'resource_apply_total{status="failure", reason="error", kind="Deployment"}': since(5, "0+0", "2+1") },
    "HttpsEdgeInfrastructureFailed",
  ],
  ["the proxies refuse two in a hundred", { [answers(5)]: grows(150) }, "HttpsEdgeErrors"],
  ["the proxies refuse all for a minute", { [answers(5)]: since(1, "0+30", "1500+6000") }],
  [
    "an application fails for one in ten",
    { [answers(5)]: grows(600), [shopAnswers(5)]: grows(600) },
    "HttpsEdgeApplicationErrors",
  ],
  [
    "an application fails for the only request in a minute",
    { [shopAnswers(2)]: grows(0), [shopAnswers(4)]: grows(0), [shopAnswers(5)]: grows(1), [answers(5)]: grows(1) },
  ],
  [
    "a route is deleted that had a third of the requests",
    { [`envoy_http_rq_direct_response{${https}}`]: grows(2_000), [answers(4)]: grows(2_210) },
    "HttpsEdgeUnclaimedHosts",
  ],
  [
    "the same without a landing page",
    { [`envoy_http_no_route{${https}}`]: grows(2_000), [answers(4)]: grows(2_210) },
    "HttpsEdgeUnclaimedHosts",
  ],
  ["the apex is asked often", { [`envoy_http_rq_direct_response{${https}}`]: grows(3_000) }],
  ["a filter refuses many", { [answers(4)]: grows(3_000) }],
  [
    "another Envoy fails",
    {
      'envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="https-10443"}': grows(9_000),
      'envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="https-10443", envoy_response_code_class="5"}':
        grows(9_000),
      'envoy_server_live{https_edge="other"}': stays(0),
      'envoy_http_rds_update_rejected{https_edge="other"}': grows(1),
    },
  ],
];

function zero(labels: string): Series {
  return Object.fromEntries(
    ["not_after", "not_before"].map((each) => [
      `certmanager_certificate_${each}_timestamp_seconds{${labels}}`,
      stays(0),
    ]),
  );
}

describe("The alerts, as promtool judges them", () => {
  let promtool: string;
  let directory: string;
  const path = (name: string): string => join(directory, name);
  const alerts = alertsOf().map(({ name }) => name);

  before(async () => {
    promtool = (await buildPrograms(["prometheus"])).bin("promtool");
    directory = mkdtempSync(join(tmpdir(), "alerts-"));
    writeFileSync(path("rules.yaml"), dump({ groups: ruleGroupsOf() }));
  });
  after(() => rmSync(directory, { recursive: true }));

  /** promtool's words: it tells the expression of each test that fails. */
  const judge = async (tests: object[]): Promise<string> => {
    writeFileSync(path("tests.yaml"), dump({ rule_files: ["rules.yaml"], evaluation_interval: "1m", tests }));
    return (await run([promtool, "test", "rules", path("tests.yaml")])).output;
  };
  const seriesOf = (changes: Series) =>
    Object.entries({ ...healthy, ...changes })
      .filter(([, values]) => values !== "")
      .map(([series, values]) => ({ series, values }));

  it("are rules that Prometheus takes, of any edge", async () => {
    const measured = { names: namesOf({ name: "second" }), replicas: 5 };
    writeFileSync(path("second.yaml"), dump({ groups: ruleGroupsOf(measured) }));
    const said = await output([promtool, "check", "rules", path("rules.yaml"), path("second.yaml")]);
    assert.equal(said.match(new RegExp(`SUCCESS: ${alerts.length} rules found`, "g"))?.length, 2);
  });

  it("each fire for something here", () => {
    assert.deepEqual([...new Set(cases.flatMap(([, , ...fired]) => fired))].sort(), [...alerts].sort());
  });

  describe("all at once", () => {
    let said: string;
    before(async () => {
      said = await judge(
        cases.map(([what, changes, ...fired]) => ({
          interval: "1m",
          input_series: seriesOf(changes),
          promql_expr_test: [
            {
              expr: `group by (alertname) (ALERTS{alertstate="firing"}) # ${what}`,
              eval_time: `${minutes}m`,
              exp_samples: fired.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
            },
          ],
        })),
      );
      assert.match(said, /FAILED|SUCCESS/);
    });

    for (const [what, , ...fired] of cases)
      it(`${fired.length > 0 ? `fire (${fired.join(", ").replaceAll("HttpsEdge", "")})` : "are silent"} when ${what}`, () =>
        assert.ok(!said.includes(`# ${what}"`), said));
  });

  it("name the object, whatever the scrape has made of its namespace", async () => {
    const said = await judge(
      [certificate, certificate.replace("namespace=", "exported_namespace=")].map((labels) => {
        const alert = alertsOf().find(({ name }) => name === "HttpsEdgeCertificateEnding");
        return {
          interval: "1m",
          input_series: seriesOf({ ...everything(/certificate_not/), ...life(90, 0.05, labels) }),
          alert_rule_test: [
            {
              eval_time: `${minutes}m`,
              alertname: alert?.name,
              exp_alerts: [
                {
                  exp_labels: {
                    severity: "critical",
                    https_edge: "eg",
                    ...Object.fromEntries(
                      [...labels.matchAll(/(\w+)="([^"]+)"/g)].map(([, key = "", value]) => [key, value]),
                    ),
                  },
                  exp_annotations: {
                    summary: "Certificate wildcard-example-com has 5% of its life left",
                    description: `${alert?.meaning} Next: kubectl describe certificate wildcard-example-com -n envoy-gateway; pulumi up tells the CA's words and begins anew`,
                  },
                },
              ],
            },
          ],
        };
      }),
    );
    assert.match(said, /SUCCESS/);
  });
});
