import assert from "node:assert/strict";
import { load } from "js-yaml";
import { versionSets } from "../components/rules/versions";
import { type Collected, collect, placeholder } from "../manifests/collect";
import { type Files, filesOf } from "../manifests/files";
import { crdFiles } from "./support/crdFiles";
import { withRegistries } from "./support/deploy";

const crds = crdFiles(versionSets.current);
const domains = [{ name: "example.com" }, { name: "shop.example.org", zone: "example.org" }];

const stack = (config: Record<string, unknown> = {}, secretKeys: string[] = []) => ({
  organization: "acme",
  project: "https-edge",
  stack: "prod",
  config: Object.fromEntries(
    Object.entries({ domains, crds, landing: {}, whoami: {}, ...config }).map(([key, value]) => [
      `https-edge:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ),
  secretKeys,
});

const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "of-a-chart" } };
const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "certificates.cert-manager.io" },
};

describe("Manifests", () => {
  let collected: Collected;
  let files: Files;
  before(async () => {
    collected = await withRegistries(() => collect(stack()));
    files = filesOf(collected, { "cert-manager": [crd, configMap], eg: [configMap] });
  });

  const resourcesOf = (folder: string): string[] =>
    (load(files[`${folder}/kustomization.yaml`] ?? "") as { resources: string[] }).resources;

  it("have a file for each object of the edge, and a kustomization that names each", () => {
    for (const folder of ["1-crds", "2-controllers", "3-edge"])
      assert.deepEqual(
        resourcesOf(folder).sort(),
        Object.keys(files)
          .filter((path) => path.startsWith(`${folder}/`) && !path.endsWith("/kustomization.yaml"))
          .map((path) => path.slice(folder.length + 1))
          .sort(),
      );
    const objects = Object.values(files).flatMap((text) => (text.startsWith("apiVersion: kustomize") ? [] : [text]));
    assert.equal(
      objects.length,
      collected.objects.length + 1 + 2 + 1,
      "a chart's CRD, the charts, and what is to be done",
    );
    for (const kind of [
      "ClusterIssuer",
      "Certificate",
      "Gateway",
      "GatewayClass",
      "HTTPRoute",
      "EnvoyProxy",
      "Deployment",
    ])
      assert.ok(
        collected.objects.some((object) => object.kind === kind),
        kind,
      );
    assert.deepEqual(collected.charts.map(({ name }) => name).sort(), ["cert-manager", "eg"]);
  });

  it("keep the CRDs of a chart apart from its controllers, which may be taken away", () => {
    assert.ok(resourcesOf("1-crds").some((file) => file.endsWith(`-${crd.metadata.name}.yaml`)));
    for (const chart of ["cert-manager", "eg"])
      assert.doesNotMatch(files[`2-controllers/90-chart-${chart}.yaml`] ?? "", /CustomResourceDefinition/);
  });

  it("have a route after its Gateway, and all after its namespace", () => {
    const names = resourcesOf("3-edge").map((file) => file.replace(/^\d+-/, ""));
    const at = (name: string): number => {
      assert.ok(names.includes(name), `${name} in ${names}`);
      return names.indexOf(name);
    };
    assert.equal(at("namespace-envoy-gateway.yaml"), 0);
    assert.ok(at("gateway-envoy-gateway-eg.yaml") < at("httproute-envoy-gateway-landing-apex.yaml"));
    assert.ok(resourcesOf("2-controllers").includes("10-namespace-cert-manager.yaml"));
  });

  it("hold no secret and nothing that only Pulumi reads, and tell which Secret to make", () => {
    const all = Object.values(files).join("\n");
    assert.ok(!all.includes(placeholder));
    assert.doesNotMatch(all, /^kind: Secret$|pulumi\.com\/|managed-by: pulumi/m);
    assert.deepEqual(collected.secrets, [
      { name: "cloudflare-api-token", namespace: "cert-manager", keys: ["api-token"] },
    ]);
    assert.match(
      files["README.md"] ?? "",
      /kubectl create secret generic cloudflare-api-token -n cert-manager --from-literal=api-token="\$DNS_TOKEN"/,
    );
    for (const { name } of domains) assert.ok(files["README.md"]?.includes(`| \`*.${name}\` |`), name);
  });

  it("are the same when they are written twice", async () => {
    const again = await withRegistries(() => collect(stack()));
    assert.deepEqual(
      Object.entries(filesOf(again, { eg: [configMap], "cert-manager": [crd, configMap] })),
      Object.entries(files),
    );
  });

  it("leave out what somebody else runs", async () => {
    const existing = { existing: true };
    const { charts, objects } = await withRegistries(() =>
      collect(stack({ crds: existing, certManager: existing, envoyGateway: existing, name: "shop" })),
    );
    assert.deepEqual(charts, []);
    assert.ok(!objects.some(({ kind }) => kind === "CustomResourceDefinition"));
    assert.ok(objects.some(({ kind, metadata }) => kind === "Gateway" && metadata.namespace === "envoy-gateway-shop"));
  });

  it("refuse wrong settings in the same lines as a preview", async () => {
    await assert.rejects(
      withRegistries(() => collect(stack({ domains: [{ name: "*.example.com" }], gatway: {} }))),
      /domains\[0\]\.name must be a bare name such as example\.com, got "\*\.example\.com".*gatway must be a setting/s,
    );
  });

  it("tell of the key of an external account as well", async () => {
    const server = { url: "https://acme.example.com/directory", eabKeyId: "id" };
    const settings = { acme: { server }, eabHmacKey: placeholder };
    const found = await withRegistries(() => collect(stack(settings, ["https-edge:eabHmacKey"])));
    assert.equal(found.secrets.length, 2);
    assert.match(filesOf(found, {})["README.md"] ?? "", /holds the HMAC key of the external account/);
  });

  it("need no credential, and take one that is encrypted for one", async () => {
    const { secrets } = await withRegistries(() => collect(stack({ dnsToken: placeholder }, ["https-edge:dnsToken"])));
    assert.equal(secrets.length, 1);
  });
});
