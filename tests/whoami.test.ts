import assert from "node:assert/strict";
import type { WhoamiArgs } from "../components";
import { Whoami } from "../components/whoami";
import { accepted, type Deployment, deploy, Earlier, types, type World } from "./support/deploy";
import { attached, labels as edgeLabels, instance, listener, names } from "./support/names";
import { restrictedContainer, restrictedPod } from "./support/pods";

const parentRef = { name: "eg", namespace: "envoy-gateway", sectionName: "https" };
const run = (
  args: WhoamiArgs & { listedOnly?: boolean; mirror?: string } = {},
  world: World = {},
): Promise<Deployment> =>
  deploy(
    () => new Whoami("whoami", { ...args, names, listener: listener("https", [new Earlier("certificate")]) }, {}),
    world,
  );
const metadata = { name: "whoami", namespace: "whoami" };
const selector = { app: "whoami" };
const labels = { ...edgeLabels, ...selector };
const application = ["https-edge:index:HttpsRoute", "whoami"];

describe("Whoami", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await run();
  });

  it("is an application with a namespace and a route of its own", () => {
    assert.deepEqual(deployment.list, [
      ["https-edge:index:HttpsRoute", "whoami"],
      ["https-edge:index:Whoami", "whoami"],
      [types.deployment, "whoami"],
      [types.namespace, "whoami"],
      [types.service, "whoami"],
      [types.httpRoute, "whoami"],
      [types.networkPolicy, "whoami"],
      [types.podDisruptionBudget, "whoami"],
      [types.earlier, "certificate"],
    ]);
    for (const { type, parent } of deployment.resources)
      if (type.startsWith("kubernetes:"))
        assert.deepEqual(parent, type === types.httpRoute ? application : ["https-edge:index:Whoami", "whoami"]);
  });

  it("has a namespace that may attach, under the restricted pod security standard", () => {
    assert.deepEqual(deployment.only(types.namespace).inputs, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "whoami",
        labels: attached,
      },
    });
  });

  it("lists its hosts in the namespace's annotation where each must", async () => {
    const { inputs } = (await run({ host: "echo", listedOnly: true })).only(types.namespace);
    assert.deepEqual((inputs.metadata as { annotations: object }).annotations, {
      "https-edge/hosts": "echo.example.com, echo.example.org",
    });
  });

  it("runs two pods that may do nothing but listen, and are replaced without a loss", () => {
    assert.deepEqual(deployment.only(types.deployment).inputs, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...metadata, labels },
      spec: {
        replicas: 2,
        selector: { matchLabels: selector },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: {
          metadata: { labels },
          spec: {
            ...restrictedPod(selector),
            containers: [
              {
                name: "whoami",
                image: "docker.io/traefik/whoami:v1.11.0",
                args: ["--port=8080"],
                ports: [{ name: "http", containerPort: 8080 }],
                readinessProbe: { httpGet: { path: "/health", port: 8080 }, periodSeconds: 2 },
                ...restrictedContainer,
              },
            ],
          },
        },
      },
    });
  });

  it("keeps all pods but one through a drain of nodes, and has no such budget when there is one pod", async () => {
    assert.deepEqual(deployment.only(types.podDisruptionBudget).inputs, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { ...metadata, labels },
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels: selector } },
    });
    const { list } = await run({ replicas: 1 });
    assert.deepEqual(
      list.filter(([type]) => type === types.podDisruptionBudget),
      [],
    );
  });

  it("is asked by the Gateway's proxies alone, and asks nobody, where the network honours that", () => {
    assert.deepEqual(deployment.only(types.networkPolicy).inputs, {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { ...metadata, labels },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [{ namespaceSelector: {}, podSelector: { matchLabels: names.proxyLabels } }],
            ports: [{ port: "http" }],
          },
        ],
      },
    });
  });

  it("is reached by its Service on port 80", () => {
    assert.deepEqual(deployment.only(types.service).inputs, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...metadata, labels, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { selector, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    });
  });

  const route = (hostnames: string[]) => ({
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { ...metadata, labels: { ...edgeLabels, ...instance }, annotations: accepted },
    spec: {
      parentRefs: [parentRef],
      hostnames,
      rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: [{ name: "whoami", port: 80 }] }],
    },
  });

  it("answers below every domain, over HTTPS only", () => {
    const hostnames = ["whoami.example.com", "whoami.example.org"];
    assert.deepEqual(deployment.only(types.httpRoute).inputs, route(hostnames));
  });

  it("comes from a mirror where there is one", async () => {
    const { inputs } = (await run({ mirror: "registry.company.example" })).only(types.deployment);
    const { containers } = (inputs.spec as { template: { spec: { containers: { image: string }[] } } }).template.spec;
    assert.deepEqual(
      containers.map(({ image }) => image),
      ["registry.company.example/traefik/whoami:v1.11.0"],
    );
  });

  it("takes another label and another number of pods", async () => {
    const other = await run({ host: "echo", replicas: 1 });
    assert.deepEqual(other.only(types.httpRoute).inputs, route(["echo.example.com", "echo.example.org"]));
    assert.equal((other.only(types.deployment).inputs.spec as { replicas: number }).replicas, 1);
  });

  it("has its route wait for the certificates, without which it is not accepted", async () => {
    const { beforeRelease } = await run({}, { hold: ({ type }) => type === types.earlier });
    assert.deepEqual(
      beforeRelease.filter(([type]) => type.startsWith("kubernetes:")).map(([type]) => type),
      [types.deployment, types.namespace, types.service, types.networkPolicy, types.podDisruptionBudget],
    );
  });
});
