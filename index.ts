/** An HTTPS edge for a Kubernetes cluster: every request for the domains enters through one Gateway, over TLS. */
import * as cloudflare from "@pulumi/cloudflare";
import * as kubernetes from "@pulumi/kubernetes";
import { HttpsEdge } from "./components";
import { readSettings } from "./settings/settings";

const settings = readSettings();

// A constant: neither a renewed kubeconfig nor a renamed stack is another cluster, and must not replace everything in this one.
const connection = { ...settings.cluster, clusterIdentifier: "https-edge" };

const cluster = new kubernetes.Provider("cluster", {
  ...connection,
  // A rotated token changes its Secret in place, so that no renewal finds it missing.
  enableSecretMutable: true,
});

// CRDs outlive the edge on purpose, and the next `up` takes them over. Nothing else is ever taken over.
const crds = new kubernetes.Provider("crds", { ...connection, upsertExistingObjects: true });

const account = new cloudflare.Provider("account", { apiToken: settings.cloudflareApiToken });

const edge = new HttpsEdge("edge", settings.edge, {
  providers: { kubernetes: cluster, cloudflare: account },
  crdsProvider: crds,
});

/** Where the edge answers. */
export const urls = edge.urls;

/** The load balancer's addresses, which the domains and their wildcards lead to. */
export const addresses = edge.addresses.apply((all) => all.map(({ value }) => value));

/** What an HTTPRoute names as its parentRef to be served over HTTPS. */
export const parentRef = edge.https.parentRef;
