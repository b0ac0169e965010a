import assert from "node:assert/strict";
import { sbom } from "../../operations/sbom";
import { kubeconfig, put, stand, standingAt } from "../support/cluster";
import { saying } from "../support/command";
import { FakePulumi } from "../support/pulumi";
import { secret, stateOf } from "../support/stackState";
import { standEdge } from "../support/standEdge";

const digest = "0123456789abcdef".repeat(4);
const pod = (labels: Record<string, string>, image: string, imageID: string) => ({
  metadata: { labels },
  status: { containerStatuses: [{ image, imageID }] },
});

describe("https-edge sbom", () => {
  let pulumi: FakePulumi;
  beforeEach(async () => {
    pulumi = new FakePulumi(stateOf({ kubeconfig: secret(await kubeconfig()) }));
    standEdge("2027-02-24T12:00:00Z");
    const pods = "/api/v1/namespaces/envoy-gateway-system/pods";
    const controller = { "control-plane": "envoy-gateway" };
    const deployment = "/apis/apps/v1/namespaces/envoy-gateway-system/deployments/envoy-gateway";
    const { metadata, ...made } = standingAt(deployment) as { metadata: object };
    const labels = { ...controller, "helm.sh/chart": "gateway-helm-v1.9.1" };
    put(deployment, { ...made, metadata: { ...metadata, labels } });
    const image = "docker.io/envoyproxy/gateway:v1.9.1";
    put(`${pods}/a`, pod(controller, image, `docker.io/envoyproxy/gateway@sha256:${digest}`));
    put(`${pods}/b`, pod(controller, image, `docker.io/envoyproxy/gateway@sha256:${digest}`));
    const owner = "gateway.envoyproxy.io/owning-gateway";
    const proxy = { [`${owner}-name`]: "eg", [`${owner}-namespace`]: "envoy-gateway" };
    const pinned = `registry.example:5000/mirror/envoy:v1.39.1@sha256:${"f".repeat(64)}`;
    put(`${pods}/c`, pod(proxy, pinned, `registry.example:5000/mirror/envoy@sha256:${"f".repeat(64)}`));
    put(`${pods}/d`, pod({ app: "other" }, "docker.io/library/other:1", `sha256:${digest}`));
    put("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.gateway.networking.k8s.io", {
      metadata: {
        name: "gateways.gateway.networking.k8s.io",
        annotations: { "gateway.networking.k8s.io/bundle-version": "v1.6.3" },
      },
    });
  });
  afterEach(() => {
    pulumi.remove();
    stand();
  });

  const run = async () => {
    const { code, said } = await saying(() => sbom({ stack: "prod" }));
    assert.equal(code, 0);
    return JSON.parse(said);
  };

  it("lists each image that runs once, by its digest, and the charts and CRDs; and nothing of others", async () => {
    const { bomFormat, specVersion, metadata, components } = await run();
    assert.deepEqual([bomFormat, specVersion], ["CycloneDX", "1.6"]);
    assert.deepEqual(metadata, { component: { type: "platform", name: "HTTPS edge envoy-gateway/eg" } });
    const application = (name: string, version: string, purl: string) => ({
      type: "application",
      "bom-ref": purl,
      name,
      version,
      purl,
    });
    const container = (name: string, version: string, sha256: string, purl: string) => ({
      type: "container",
      "bom-ref": purl,
      name,
      version,
      purl,
      hashes: [{ alg: "SHA-256", content: sha256 }],
    });
    assert.deepEqual(components, [
      application("gateway-api", "v1.6.3", "pkg:github/kubernetes-sigs/gateway-api@v1.6.3"),
      application("gateway-helm", "v1.9.1", "pkg:helm/gateway-helm@v1.9.1"),
      container(
        "registry.example:5000/mirror/envoy",
        "v1.39.1",
        "f".repeat(64),
        `pkg:oci/envoy@sha256%3A${"f".repeat(64)}?repository_url=registry.example%3A5000%2Fmirror%2Fenvoy&tag=v1.39.1`,
      ),
      container(
        "docker.io/envoyproxy/gateway",
        "v1.9.1",
        digest,
        `pkg:oci/gateway@sha256%3A${digest}?repository_url=docker.io%2Fenvoyproxy%2Fgateway&tag=v1.9.1`,
      ),
    ]);
  });

  it("has a serial number that changes with what runs", async () => {
    const { serialNumber } = await run();
    assert.match(serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal((await run()).serialNumber, serialNumber);
    put(
      "/api/v1/namespaces/whoami/pods/e",
      pod({ "app.kubernetes.io/part-of": "https-edge" }, "docker.io/traefik/whoami:v1.11.0", `sha256:${digest}`),
    );
    assert.notEqual((await run()).serialNumber, serialNumber);
  });
});
