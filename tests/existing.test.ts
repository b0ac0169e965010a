import assert from "node:assert/strict";
import { dump } from "js-yaml";
import type { HttpsEdgeArgs } from "../components";
import { put, refuse, requests, stand } from "./support/cluster";
import { types } from "./support/deploy";
import { deployEdge } from "./support/edge";

const args = {
  name: "shop",
  certManager: { existing: true },
  envoyGateway: { existing: true },
} satisfies Partial<HttpsEdgeArgs>;

const at = {
  certManager: "/apis/apps/v1/namespaces/cert-manager/deployments/cert-manager",
  lease: "/apis/coordination.k8s.io/v1/namespaces/cert-manager/leases/cert-manager-controller",
  envoyGateway: "/apis/apps/v1/namespaces/envoy-gateway-system/deployments/envoy-gateway",
  configuration: "/api/v1/namespaces/envoy-gateway-system/configmaps/envoy-gateway-config",
  gatewayClass: "/apis/gateway.networking.k8s.io/v1/gatewayclasses/eg",
  issuers: "/apis/cert-manager.io/v1/clusterissuers",
  token: "/api/v1/namespaces/cert-manager/secrets/cloudflare-api-token-shop",
};

const deployment = (
  name: string,
  namespace: string,
  labels: object,
  image: string,
  containerArgs: string[] = [],
  availableReplicas = 1,
) => ({
  metadata: { name, namespace, uid: name, labels },
  spec: { template: { spec: { containers: [{ image, args: containerArgs }] } } },
  status: { availableReplicas },
});

const controllerLabels = { "app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller" };
const flags = ["--cluster-resource-namespace=$(POD_NAMESPACE)", "--leader-election-namespace=cert-manager"];
const certManager = (version = "1.21.2", given = flags, available = 1) =>
  put(
    at.certManager,
    deployment(
      "cert-manager",
      "cert-manager",
      controllerLabels,
      `quay.io/jetstack/cert-manager-controller:v${version}`,
      given,
      available,
    ),
  );
const envoyGateway = (version = "1.9.1", available = 1) =>
  put(
    at.envoyGateway,
    deployment(
      "envoy-gateway",
      "envoy-gateway-system",
      { "control-plane": "envoy-gateway", "app.kubernetes.io/version": `v${version}` },
      "envoyproxy/gateway:latest",
      [],
      available,
    ),
  );
const controllerName = "gateway.envoyproxy.io/gatewayclass-controller";
const configured = (settings: object) =>
  put(at.configuration, { metadata: {}, data: { "envoy-gateway.yaml": dump(settings) } });
const gatewayClass = (by: string, accepted = "True", features: string[] = []) =>
  put(at.gatewayClass, {
    metadata: { name: "eg", uid: "eg" },
    spec: { controllerName: by },
    status: {
      conditions: [{ type: "Accepted", status: accepted }],
      supportedFeatures: features.map((name) => ({ name })),
    },
  });

/** A platform's controllers, in good order. */
const healthy = () => {
  stand();
  certManager();
  put(at.lease, { metadata: {}, spec: { holderIdentity: "cert-manager-0" } });
  envoyGateway();
  configured({ gateway: { controllerName } });
  gatewayClass(controllerName);
};

const refused = async (given: Partial<HttpsEdgeArgs> = args): Promise<string[]> => {
  let message = "";
  await assert.rejects(deployEdge(given, { preview: true }), (error: Error) => {
    message = error.message;
    return true;
  });
  return message
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
};

describe("Controllers that stand", () => {
  beforeEach(healthy);
  afterEach(() => stand());

  it("are used by an edge with a name of its own, which installs none", async () => {
    const { resources } = await deployEdge(args);
    assert.deepEqual(
      resources.filter(({ type }) => type === types.release),
      [],
    );
    const namesOfKind = (kind: string) =>
      resources
        .filter(({ type }) => type.endsWith(`:${kind}`))
        .map(({ inputs }) => (inputs.metadata as { name: string }).name);
    assert.deepEqual(namesOfKind("Namespace"), ["envoy-gateway-shop"]);
    assert.deepEqual(namesOfKind("ClusterIssuer"), ["letsencrypt-staging-shop", "letsencrypt-prod-shop"]);
    assert.deepEqual(namesOfKind("GatewayClass"), []);
    assert.deepEqual(namesOfKind("Secret"), ["cloudflare-api-token-shop"]);
    const [spec] = resources.filter(({ type }) => type === types.gateway).map(({ inputs }) => inputs.spec);
    assert.equal((spec as { gatewayClassName: string }).gatewayClassName, "eg");
  });

  it("say by their namespace's label that an edge uses them, which keeps them", async () => {
    const label = async (given: Partial<HttpsEdgeArgs>) => {
      const { resources } = await deployEdge(given);
      const [, ...marked] = resources
        .filter(({ type }) => type === types.namespace)
        .map(({ inputs }) => inputs.metadata as { name: string; labels: Record<string, string> })
        .filter(({ name }) => name === "envoy-gateway-shop")
        .flatMap(({ labels }) => ["", labels["https-edge/uses-controllers"]]);
      return marked[0];
    };
    assert.equal(await label(args), "true");
    stand();
    assert.equal(await label({ name: "shop" }), undefined);
  });

  it("are not touched where somebody's Secret has the name of the token's", async () => {
    put(at.token, { metadata: { name: "cloudflare-api-token-shop", managedFields: [{ manager: "kubectl-create" }] } });
    const [line = ""] = await refused();
    assert.match(
      line,
      /^Secret cert-manager\/cloudflare-api-token-shop must be absent or this stack's own, got one of whoever made it with kubectl-create/,
    );
  });

  const problems: [string, () => void, RegExp][] = [
    [
      "no cert-manager",
      () => stand({ "/nothing": {} }),
      /^certManager\.existing must find cert-manager in namespace cert-manager, got no Deployment/,
    ],
    [
      "one that lets credentials be stolen",
      () => certManager("1.20.2"),
      /^certManager\.existing must name a cert-manager with its fixes, got "1\.20\.2" .*take 1\.20\.3/,
    ],
    [
      "one of an old line",
      () => certManager("1.16.5"),
      /^certManager\.existing must name a cert-manager of a supported line, got "1\.16\.5"/,
    ],
    [
      "another namespace for Secrets",
      () => certManager("1.21.2", ["--cluster-resource-namespace=secrets", ...flags.slice(1)]),
      /^certManager\.clusterResourceNamespace must be .*got "cert-manager" .*=secrets; set it to that/,
    ],
    [
      "one without pods",
      () => certManager("1.21.2", flags, 0),
      /^certManager\.existing must find a cert-manager that runs, got no available pod/,
    ],
    [
      "one that does not lead",
      () => put(at.lease, { metadata: {}, spec: {} }),
      /^certManager\.existing must find a cert-manager that leads, got no holder of Lease cert-manager\/cert-manager-controller/,
    ],
    [
      "a webhook that does not answer",
      () => refuse(at.issuers, "failed calling webhook: connection refused"),
      /^certManager\.existing must find a webhook that answers, got failed calling webhook: connection refused/,
    ],
    [
      "another line of Envoy Gateway",
      () => envoyGateway("1.8.4"),
      /^envoyGateway\.existing must find the line of versions\.envoyGateway, 1\.9, got 1\.8\.4/,
    ],
    [
      "an Envoy Gateway without pods",
      () => envoyGateway("1.9.3", 0),
      /^envoyGateway\.existing must find one that runs/,
    ],
    [
      "one that watches some namespaces",
      () => configured({ provider: { kubernetes: { watch: { type: "Namespaces", namespaces: ["a", "b"] } } } }),
      /^envoyGateway\.existing must find one that watches every namespace, got one that watches a, b/,
    ],
    [
      "one that runs proxies elsewhere",
      () => configured({ provider: { kubernetes: { deploy: { type: "GatewayNamespace" } } } }),
      /^envoyGateway\.existing must find one that runs proxies in its own namespace/,
    ],
    [
      "a class of another controller",
      () => gatewayClass("example.com/other"),
      /^envoyGateway\.gatewayClass must name a class of this Envoy Gateway .*got "eg" of example\.com\/other/,
    ],
    [
      "a class that is not accepted",
      () => gatewayClass(controllerName, "False"),
      /^envoyGateway\.gatewayClass must name a class .*that it has accepted, got "eg"/,
    ],
    [
      "a class without what the edge needs",
      () => gatewayClass(controllerName, "True", ["Gateway", "HTTPRoute"]),
      /got none of HTTPRouteSchemeRedirect, HTTPRouteResponseHeaderModification/,
    ],
  ];
  for (const [what, make, message] of problems)
    it(`are refused with ${what}, and with the way out`, async () => {
      make();
      const lines = await refused();
      assert.ok(
        lines.some((line) => message.test(line)),
        lines.join("\n"),
      );
      if (what !== "no cert-manager") assert.equal(lines.length, 1, lines.join("\n"));
    });

  it("are looked for by nobody who installs them", async () => {
    stand();
    await deployEdge({ name: "shop" });
    assert.ok(
      !requests().some(
        (each) => each.includes("envoy-gateway-config") || each.includes("/leases/") || each.startsWith("POST"),
      ),
      requests().join("\n"),
    );
  });
});

describe("Controllers of the edge's own", () => {
  const guards = async (given: Partial<HttpsEdgeArgs>) =>
    (await deployEdge(given)).resources.filter(
      ({ type, parent }) => parent?.[0] === "https-edge:index:Guard" && type !== "",
    );

  it("go last, after a ConfigMap whose deletion the API server refuses while another edge's namespace says that it uses them", async () => {
    stand();
    const deployment = await deployEdge({ whoami: {}, landing: {} });
    const made = deployment.resources.filter(({ parent }) => parent?.[0] === "https-edge:index:Guard");
    assert.deepEqual(
      made.map(({ type }) => type.split(":").pop()),
      ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ConfigMap"],
    );
    const [policy, binding] = made.map(({ inputs }) => inputs.spec as Record<string, unknown>);
    assert.deepEqual(policy?.paramKind, { apiVersion: "v1", kind: "Namespace" });
    assert.deepEqual(binding?.paramRef, {
      selector: { matchLabels: { "https-edge/uses-controllers": "true" } },
      parameterNotFoundAction: "Allow",
    });
  });

  it("need no guard where both belong to somebody else", async () => {
    healthy();
    assert.deepEqual(await guards(args), []);
    stand();
  });
});
