/** Names and labels of everything that an edge makes. Each stands here once; users, doctors and backups find objects by them. */
import { createHash } from "node:crypto";
import * as limits from "./limits";

/** Name of an edge that is given none, as the guide has it; also that of the Helm release and the GatewayClass that all edges of a cluster share. */
export const defaultName = "eg";

/** The GatewayClass that comes with the controllers. */
export const gatewayClass = defaultName;

/** Namespaces of the controllers, which all edges of a cluster share. */
export const namespaces = { certManager: "cert-manager", envoyGateway: "envoy-gateway-system" };

/** Name and namespace of the two Helm releases. Fixed: webhooks and documentation know them. */
export const releases = {
  certManager: { name: "cert-manager", namespace: namespaces.certManager },
  envoyGateway: { name: gatewayClass, namespace: namespaces.envoyGateway },
};

/** Labels of the controllers' pods and Deployments, which their charts and manifests give them, whatever the release is called. */
export const controllerLabels = {
  envoyGateway: { "control-plane": "envoy-gateway" },
  certManager: { "app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller" },
};

/** The name by which a GatewayClass chooses Envoy Gateway, unless its configuration gives it another. */
export const controllerName = "gateway.envoyproxy.io/gatewayclass-controller";

/** Names of the two listeners, which a route gives as its `sectionName`. */
export const listenerNames = { http: "http", https: "https" };

/** What the names of an edge derive from. */
export interface Naming {
  /** Name of the edge. */
  name?: string;
  /** cert-manager, where it is not the edge's own. */
  certManager?: { namespace?: string; clusterResourceNamespace?: string };
  /** Envoy Gateway, where it is not the edge's own. */
  envoyGateway?: { namespace?: string; gatewayClass?: string };
}

/** Names of what one edge has for itself. Each is different for each edge of a cluster. */
export interface Names {
  /** Name of the edge: of its Gateway, its EnvoyProxy and its policies. */
  edge: string;
  /** Namespace of its Gateway, routes and certificates. */
  namespace: string;
  /** Namespace of the first application. */
  whoami: string;
  /** Namespaces of the controllers, which are not the edge's alone. */
  controllers: { certManager: string; envoyGateway: string };
  /** Namespace in which cert-manager looks up the Secrets of ClusterIssuers. */
  clusterResourceNamespace: string;
  /** Class of its Gateway. */
  gatewayClass: string;
  /** Each environment's ClusterIssuer. */
  issuers: { staging: string; production: string };
  /** The ClusterIssuer of another ACME server, different for each: an issuer whose server changed would not issue anew. */
  serverIssuer: (url: string) => string;
  /** The Secret with Cloudflare's API token, and the key in it. The token of an account that domains name has its own. */
  tokenSecret: (account?: string) => { name: string; key: string };
  /** What a policy names to hold for every listener of the Gateway: https://gateway-api.sigs.k8s.io/reference/policy-attachment/ */
  gatewayTarget: { group: string; kind: string; name: string };
  /** What a policy names to hold for the HTTPS listener alone, in place of the Gateway's. */
  httpsTarget: { group: string; kind: string; name: string; sectionName: string };
  /** Name of the policy for the HTTPS listener alone. */
  httpsPolicy: string;
  /** Label of everything that belongs to this edge alone: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
  instanceLabels: Record<string, string>;
  /** Label of a namespace whose HTTPRoutes the HTTPS listener admits. */
  attachLabels: Record<string, string>;
  /** Labels that Envoy Gateway gives to the proxies of the Gateway. */
  proxyLabels: Record<string, string>;
  /** Names of the policies by which the API server judges what is attached. No namespace tells them from others', so they carry the edge's name. */
  admissionPolicies: { hosts: string; kinds: string; content: string };
  /** Name of the policy by which the API server judges what cert-manager writes of a challenge that waits. */
  challengePolicy: string;
  /** Name of what keeps the controllers while others use them. */
  guard: string;
}

/** The names of an edge. The default's are the guide's; any other's end with its own. */
export const namesOf = ({ name: edge = defaultName, certManager, envoyGateway }: Naming = {}): Names => {
  const own = (name: string) => (edge === defaultName ? name : `${name}-${edge}`);
  const namespace = own("envoy-gateway");
  const gatewayTarget = { group: "gateway.networking.k8s.io", kind: "Gateway", name: edge };
  return {
    edge,
    namespace,
    whoami: own("whoami"),
    controllers: {
      certManager: certManager?.namespace ?? namespaces.certManager,
      envoyGateway: envoyGateway?.namespace ?? namespaces.envoyGateway,
    },
    clusterResourceNamespace: certManager?.clusterResourceNamespace ?? certManager?.namespace ?? namespaces.certManager,
    gatewayClass: envoyGateway?.gatewayClass ?? gatewayClass,
    issuers: { staging: own("letsencrypt-staging"), production: own("letsencrypt-prod") },
    serverIssuer: (url) => own(`acme-${shortened(url)}`),
    tokenSecret: (account) => ({
      name: own(["cloudflare-api-token", account].filter(Boolean).join(".")),
      key: "api-token",
    }),
    gatewayTarget,
    httpsTarget: { ...gatewayTarget, sectionName: listenerNames.https },
    httpsPolicy: `${edge}-${listenerNames.https}`,
    instanceLabels: { "app.kubernetes.io/instance": edge },
    attachLabels: { [`${product}/${edge}`]: "attach" },
    proxyLabels: {
      "gateway.envoyproxy.io/owning-gateway-name": edge,
      "gateway.envoyproxy.io/owning-gateway-namespace": namespace,
    },
    admissionPolicies: {
      hosts: `${product}-${edge}-hosts`,
      kinds: `${product}-${edge}-kinds`,
      content: `${product}-${edge}-content`,
    },
    challengePolicy: `${product}-${edge}-challenges`,
    guard: `${product}-${edge}-controllers`,
  };
};

/** A host as it can be read, and a digest of the whole address. */
const shortened = (url: string): string => {
  const host = new URL(url).host.replace(/[^a-z0-9]+/g, "-");
  const digest = createHash("sha256").update(url).digest("hex").slice(0, 10);
  return `${host.slice(0, 40).replace(/^-+|-+$/g, "")}-${digest}`;
};

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
};

/** Label of the namespace of an edge that uses controllers which it has not installed. */
export const usesLabel = { [`${product}/uses-controllers`]: "true" };

/** Annotation of such a namespace that lists the hosts which it holds; whoever may write namespaces grants them. */
export const hostsAnnotation = `${product}/hosts`;

/** Label of a namespace whose pods must run restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };

/** Annotation of the proxies' Service that says that its load balancer is told to send PROXY protocol, whatever the cloud's own are. */
export const sendsAnnotation = "https-edge/proxy-protocol";

/** Name of the Secret with the key of an issuer's ACME account. */
export const accountKeyName = (issuer: string): string => `${issuer}-account-key`;

/** Name of the Secret with the HMAC key that binds an issuer's ACME account to an external one; `unique` tells it from the one before. */
export const eabSecretName = (issuer: string, unique: string): string => `${issuer}-eab-${unique}`;

/** The key in that Secret. */
export const eabSecretKey = "hmac-key";

/** Permission groups of that token, by the names that Cloudflare's API gives them; the dashboard calls the first "DNS Edit". */
export const tokenPermissions = ["DNS Write", "Zone Read"];

/** Name of that token at Cloudflare; `unique` tells it from the one that it replaces. */
export const tokenName = (label: string, unique: string): string => {
  const [start, end] = ["https-edge ", ` ${unique}`];
  return `${start}${label.slice(0, limits.cloudflareTokenName - start.length - end.length)}${end}`;
};

/** Annotation of the token's Secret that has the id of the token that cert-manager was last seen to use. */
export const provenAnnotation = `${product}/proven`;

/** Name of the Certificate by which cert-manager is seen to use the token of a Secret, and of its own Secret with `-tls`. */
export const proofName = (secret: string): string => `prove-${secret}`;

/** The host of that Certificate: another for each token, since a CA does not ask again for one that it has validated. */
export const proofHost = (tokenId: string, domain: string): string => `${product}-${tokenId.slice(0, 8)}.${domain}`;

const certificate = "wildcard-";
const tls = "-tls";

/** Name of a domain's Certificate: wildcard-example-com of example.com, and wildcard-my--shop-com of my-shop.com. */
export const certificateName = (domain: string): string => `${certificate}${partOf(domain)}`;

/** Name of the Certificate by which a domain's is rehearsed, and of its Secret with `-tls`; as long as the other's. */
export const rehearsalName = (domain: string): string => `rehearse-${partOf(domain)}`;

/** The names in a domain's certificate. */
export const namesFor = (domain: string): string[] => [domain, `*.${domain}`];

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
