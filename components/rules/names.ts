/** Names and labels of everything that an edge makes. Each stands here once; users, doctors and backups find objects by them. */
import { createHash } from "node:crypto";
import * as limits from "./limits";

/** Name of the edge: of its Gateway, GatewayClass, EnvoyProxy and Helm release, as the guide has it. */
export const edgeName = "eg";

/** Namespaces of the edge. */
export const namespaces = {
  certManager: "cert-manager",
  envoyGateway: "envoy-gateway-system",
  gateway: "envoy-gateway",
};

/** Name and namespace of the two Helm releases. Fixed: webhooks and documentation know them. */
export const releases = {
  certManager: { name: "cert-manager", namespace: namespaces.certManager },
  envoyGateway: { name: edgeName, namespace: namespaces.envoyGateway },
};

/** Names of the two listeners, which a route gives as its `sectionName`. */
export const listenerNames = { http: "http", https: "https" };

/** What every object of any edge is part of. */
export const product = "https-edge";

/** Label of every object that belongs to one edge alone. Its value tells organisation, project, stack and component. */
export const stackLabel = "https-edge/stack";

/** Value of that label: as readable as a label's 63 characters allow, and different for each edge. */
export const stackLabelValue = (parts: string[]): string => {
  const readable = parts.map((part) => part.replace(/[^A-Za-z0-9_-]/g, "-")).join(".");
  // A replaced character or a cut would make two edges one.
  if (readable === parts.join(".") && readable.length <= 63 && /^[A-Za-z0-9].*[A-Za-z0-9]$/.test(readable))
    return readable;
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 10);
  return `${readable.slice(0, 50).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "")}.${digest}`;
};

/**
 * Labels of every object that an edge makes:
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export const labels = {
  "app.kubernetes.io/part-of": product,
  "app.kubernetes.io/managed-by": "pulumi",
  "app.kubernetes.io/instance": edgeName,
};

/** Label of a namespace whose HTTPRoutes the HTTPS listener admits. */
export const attachLabels = { [`https-edge/${edgeName}`]: "attach" };

/** Label of a namespace whose pods must run restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };

/** Label that Envoy Gateway gives to the proxies of a Gateway. */
export const proxyLabels = { "gateway.envoyproxy.io/owning-gateway-name": edgeName };

/** Name of each environment's ClusterIssuer, as the guide has it. */
export const issuerNames = { staging: "letsencrypt-staging", production: "letsencrypt-prod" };

/** Name of the Secret with the key of an issuer's ACME account. */
export const accountKeyName = (issuer: string): string => `${issuer}-account-key`;

/** The Secret with Cloudflare's API token, and the key in it. */
export const tokenSecret = { name: "cloudflare-api-token", key: "api-token" };

/** Permission groups of that token, by the names that Cloudflare's API gives them; the dashboard calls the first "DNS Edit". */
export const tokenPermissions = ["DNS Write", "Zone Read"];

/** Name of that token at Cloudflare; `unique` tells it from the one that it replaces. */
export const tokenName = (label: string, unique: string): string => {
  const [start, end] = ["https-edge ", ` ${unique}`];
  return `${start}${label.slice(0, limits.cloudflareTokenName - start.length - end.length)}${end}`;
};

const certificate = "wildcard-";
const tls = "-tls";

/** Name of a domain's Certificate: wildcard-example-com of example.com, and wildcard-my--shop-com of my-shop.com. */
export const certificateName = (domain: string): string => `${certificate}${partOf(domain)}`;

/** Name of the Secret with a domain's certificate and key. */
export const tlsSecretName = (domain: string): string => `${certificateName(domain)}${tls}`;

/**
 * A domain as a part of an object's name, different for each: dots become hyphens, and hyphens become two, of which no label begins or
 * ends with one. What would be too long is cut, and ends with a digest after three hyphens, which follow each other nowhere else.
 */
const partOf = (domain: string): string => {
  const whole = domain.replaceAll("-", "--").replaceAll(".", "-");
  const longest = limits.kubernetes.name - certificate.length - tls.length;
  if (whole.length <= longest) return whole;
  const end = `---${createHash("sha256").update(domain).digest("hex").slice(0, 32)}`;
  return whole.slice(0, longest - end.length).replace(/-+$/, "") + end;
};
