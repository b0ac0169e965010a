/** An HTTPS edge for a Kubernetes cluster: every request for the domains enters through one Gateway, over TLS. */
import * as cloudflare from "@pulumi/cloudflare";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { HttpsEdge } from "./components";
import { readSettings } from "./components/settings";

const settings = readSettings();

const cluster = new kubernetes.Provider("cluster", {
  ...settings.cluster,
  // A renewed kubeconfig is still the same cluster, and must not replace everything in it.
  clusterIdentifier: pulumi.getStack(),
  // A rotated token changes its Secret in place, so that no renewal finds it missing.
  enableSecretMutable: true,
  // CRDs outlive the edge on purpose; the next `up` takes them over.
  upsertExistingObjects: true,
});

const account = new cloudflare.Provider("account", { apiToken: settings.cloudflareApiToken });

const edge = new HttpsEdge("edge", settings.edge, { providers: { kubernetes: cluster, cloudflare: account } });

/** Where the edge answers. */
export const urls = edge.urls;

/** The load balancer's address, which the domains and their wildcards lead to. */
export const address = edge.address.value;

/** What an HTTPRoute names as its parentRef to be served over HTTPS. */
export const parentRef = edge.parentRef;
