/** The edge as a component of one's own program, and an application behind it. */
import * as cloudflare from "@pulumi/cloudflare";
import * as kubernetes from "@pulumi/kubernetes";
import { HttpsEdge, HttpsRoute } from "https-edge";

const cluster = new kubernetes.Provider("cluster", { clusterIdentifier: "shop" }); // a renewed kubeconfig is still the same cluster
const account = new cloudflare.Provider("account");

const edge = new HttpsEdge(
  "edge",
  {
    domains: [{ name: "staging.example.com", zone: "example.com" }],
    acme: { environment: "staging" },
    landing: {},
  },
  { providers: { cloudflare: account } },
);

const shop = { app: "shop" };
const inCluster = { provider: cluster };
const namespace = new kubernetes.core.v1.Namespace(
  "shop",
  { metadata: { name: "shop", labels: edge.https.attachLabels } },
  inCluster,
).metadata.name;
new kubernetes.apps.v1.Deployment(
  "shop",
  {
    metadata: { namespace },
    spec: {
      selector: { matchLabels: shop },
      template: {
        metadata: { labels: shop },
        spec: { containers: [{ name: "shop", image: "docker.io/traefik/whoami:v1.11.0", args: ["--port=8080"] }] },
      },
    },
  },
  inCluster,
);
const service = new kubernetes.core.v1.Service(
  "shop",
  { metadata: { namespace }, spec: { selector: shop, ports: [{ port: 80, targetPort: 8080 }] } },
  inCluster,
);
const route = new HttpsRoute(
  "shop",
  {
    listener: edge.https,
    namespace,
    hostnames: ["shop.staging.example.com"],
    rules: [{ backendRefs: [{ name: service.metadata.name, port: 80 }] }],
  },
  { providers: { kubernetes: cluster } },
);

export const addresses = edge.addresses;
export const urls = route.urls;
