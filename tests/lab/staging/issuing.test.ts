import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { output } from "../../../lab";
import { get, holds, list, names } from "../support/cluster";
import { domain } from "../support/edge";
import { eventually } from "../support/eventually";

describe("The objects behind the edge", () => {
  for (const issuer of ["letsencrypt-staging", "letsencrypt-prod"]) {
    it(`include the ClusterIssuer ${issuer}, Ready, with an account key of its own`, async () => {
      assert.ok(holds(await get("clusterissuer", issuer), "Ready"));
      assert.ok((await get("secret", `${issuer}-account-key`, "cert-manager")).data?.["tls.key"]);
    });
  }

  it("include the Certificate of apex and wildcard, Ready, with an ECDSA key that changes at each renewal", async () => {
    const certificate = await get("certificate", "wildcard-staging-example-com", "envoy-gateway");
    assert.ok(holds(certificate, "Ready"));
    assert.deepEqual(certificate.spec, {
      dnsNames: [domain, `*.${domain}`],
      issuerRef: { kind: "ClusterIssuer", name: "letsencrypt-staging" },
      privateKey: { algorithm: "ECDSA", rotationPolicy: "Always", size: 256 },
      renewBeforePercentage: 33,
      revisionHistoryLimit: 10,
      secretName: "wildcard-staging-example-com-tls",
    });
  });

  it("include the Gateway with each listener programmed", async () => {
    const { status } = await get("gateway", "eg", "envoy-gateway");
    const listeners = status?.listeners as { name: string; conditions: { type: string; status: string }[] }[];
    const programmed = listeners.map(({ name, conditions }) => [
      name,
      conditions.find(({ type }) => type === "Programmed")?.status,
    ]);
    assert.deepEqual(programmed.sort(), [
      ["http", "True"],
      ["https", "True"],
    ]);
  });

  it("include the CRDs of the Gateway API's standard channel and Envoy Gateway's eight, and no others of theirs", async () => {
    const crds = (await names("crd")).filter((name) => /gateway\.(networking\.k8s|envoyproxy)\.io$/.test(name));
    assert.equal(crds.filter((name) => name.endsWith(".gateway.networking.k8s.io")).length, 10);
    assert.equal(crds.filter((name) => name.endsWith(".gateway.envoyproxy.io")).length, 8);
  });

  it("run without the rights that restricted pod security forbids", async () => {
    for (const namespace of ["cert-manager", "envoy-gateway-system", "envoy-gateway", "whoami"]) {
      const { metadata } = await get("namespace", namespace);
      assert.equal(metadata.labels?.["pod-security.kubernetes.io/enforce"], "restricted", namespace);
    }
  });

  it("bear the edge's labels, by which they are found", async () => {
    for (const [kind, name, namespace] of [
      ...["cert-manager", "envoy-gateway-system", "envoy-gateway", "whoami"].map((each) => ["namespace", each]),
      ["secret", "cloudflare-api-token", "cert-manager"],
      ["clusterissuer", "letsencrypt-staging"],
      ["certificate", "wildcard-staging-example-com", "envoy-gateway"],
      ["gatewayclass", "eg"],
      ["gateway", "eg", "envoy-gateway"],
      ["envoyproxy", "eg", "envoy-gateway"],
      ["httproute", "https-redirect", "envoy-gateway"],
      ["httproutefilter", "landing-apex", "envoy-gateway"],
      ["httproute", "whoami", "whoami"],
      ["deployment", "whoami", "whoami"],
      ["crd", "gateways.gateway.networking.k8s.io"],
    ] as [string, string, string?][]) {
      const labels = Object.entries((await get(kind, name, namespace)).metadata.labels ?? {});
      assert.deepEqual(
        labels.filter(([key]) => /^app\.kubernetes\.io\/(part-of|managed-by|instance)$/.test(key)).sort(),
        [
          // All edges of a cluster share the CRDs.
          ...(kind === "crd" ? [] : [["app.kubernetes.io/instance", "eg"]]),
          ["app.kubernetes.io/managed-by", "pulumi"],
          ["app.kubernetes.io/part-of", "https-edge"],
        ],
        `${kind} ${name}`,
      );
    }
  });

  it("have had cert-manager write of each challenge that waited some times, and not as often as it can", async () => {
    const metrics = (await output(["kubectl", "get", "--raw", "/metrics"])).split("\n");
    const requests = (...labels: string[]): number =>
      metrics
        .filter((line) => line.startsWith("apiserver_request_total{") && labels.every((each) => line.includes(each)))
        .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    const made = requests('resource="challenges"', 'verb="POST"', 'code="201"');
    const written = requests('resource="challenges"', 'subresource="status"', 'code="200"');
    assert.ok(made >= 2, `${made} challenges`);
    assert.ok(written < 60 * made, `${written} writes of ${made} challenges`);
  });

  it("leave no challenge behind", async () => {
    await eventually("the end of the challenges", async () => {
      assert.deepEqual(await list("challenges.acme.cert-manager.io"), []);
    });
  });
});
