/** An HTTPS edge for a Kubernetes cluster: every request for the domains enters through one Gateway, over TLS. */
import * as cloudflare from "@pulumi/cloudflare";
import { HttpsEdge } from "./components";
import { readSettings } from "./settings/settings";

const settings = readSettings();

const account = new cloudflare.Provider("account", { apiToken: settings.cloudflareApiToken });

const edge = new HttpsEdge("edge", settings.edge, { providers: { cloudflare: account } });

/** Where the edge answers. */
export const urls = edge.urls;

/** The load balancer's addresses, which the domains and their wildcards lead to. */
export const addresses = edge.addresses.apply((all) => all.map(({ value }) => value));

/** What an HTTPRoute names as its parentRef to be served over HTTPS. */
export const parentRef = edge.https.parentRef;
