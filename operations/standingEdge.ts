/** An edge as its cluster tells of it, found by its Gateway: one of a stack by its label, one made by hand by its name. */
import { controllerLabels, stackLabel } from "../components/rules/names";
import type { Condition, Conditioned } from "../components/standing/condition";
import { type Connection, labelled, type Metadata } from "../components/standing/connection";
import { type ControllerDeployment, clusterResourceNamespaceOf } from "../components/standing/controllers";
import type { GatewayObject, ListenerSpec } from "../components/standing/gateway";
import { type CertificateObject, type Issuances, issuances } from "../components/standing/issuance";
import type { PolicyObject } from "../components/standing/policy";
import type { ClientTraffic, Service as ServiceObject } from "../components/standing/proxyProtocol";
import { items } from "./snapshot";

/** Which Gateways are meant: all of a stack's component, or one. */
export type Chosen = { owner: string } | { namespace: string; name: string };

/** https://gateway-api.sigs.k8s.io/reference/spec/#listener */
type Listener = ListenerSpec & {
  hostname?: string;
  tls?: { certificateRefs?: { name: string }[] };
  allowedRoutes?: { namespaces?: { from?: string; selector?: { matchLabels?: Record<string, string> } } };
};

export interface Gateway extends Omit<GatewayObject, "spec"> {
  metadata: Metadata & GatewayObject["metadata"];
  spec: { gatewayClassName: string; listeners: Listener[] };
}

export interface Certificate extends CertificateObject {
  spec: { secretName: string; dnsNames?: string[]; issuerRef: { kind?: string; name: string } };
}

export interface Issuer extends Conditioned {
  spec: { acme?: { server?: string; privateKeySecretRef?: { name: string }; solvers?: Solver[] } };
}

interface SecretKey {
  name: string;
  key: string;
}

/** https://cert-manager.io/docs/reference/api-docs/#acme.cert-manager.io/v1.ACMEChallengeSolver */
interface Solver {
  selector?: { dnsZones?: string[] };
  dns01?: { cnameStrategy?: string; cloudflare?: { apiTokenSecretRef?: SecretKey; apiKeySecretRef?: SecretKey } };
}

export interface Deployment extends Omit<ControllerDeployment, "metadata" | "spec"> {
  metadata: Metadata & ControllerDeployment["metadata"];
  spec: ControllerDeployment["spec"] & { replicas?: number; selector?: { matchLabels?: Record<string, string> } };
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#parentreference */
interface ParentRef {
  name: string;
  namespace?: string;
  sectionName?: string;
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export interface Route {
  metadata: Metadata & Conditioned["metadata"];
  spec: {
    hostnames?: string[];
    parentRefs?: ParentRef[];
    rules?: { matches?: unknown[]; backendRefs?: { kind?: string; name: string; namespace?: string }[] }[];
  };
  status?: { parents?: { parentRef: ParentRef; conditions: Condition[] }[] };
}

/** The Service of the proxies. */
export interface Service extends ServiceObject {
  metadata: Metadata;
}

/** A policy, and what it is attached to. */
export interface Policy extends PolicyObject {
  kind: string;
  metadata: Metadata & PolicyObject["metadata"];
  spec?: ClientTraffic["spec"] & { targetRef?: Target; targetRefs?: Target[] };
}

interface Target {
  kind: string;
  name: string;
  sectionName?: string;
}

/** All that stands of one edge. */
export interface StandingEdge {
  gateway: Gateway;
  gatewayClass: Conditioned | undefined;
  /** The certificates that its listeners serve, and how far they are. */
  chain: Omit<Issuances, "certificates"> & { certificates: Certificate[] };
  issuers: Issuer[];
  policies: Policy[];
  routes: Route[];
  proxies: Deployment[];
  services: Service[];
  /** Those of the whole cluster. */
  controllers: { certManager: Deployment[]; envoyGateway: Deployment[] };
}

/** The domains of an edge, by the names in its certificates, or in its listeners where nobody has made it a certificate. */
export const domainsOf = ({ chain, gateway }: StandingEdge): string[] => {
  const named = chain.certificates.flatMap(({ spec }: Certificate) => spec.dnsNames ?? []);
  const all = named.length > 0 ? named : gateway.spec.listeners.flatMap(({ hostname }) => hostname ?? []);
  return [...new Set(all.map((name) => name.replace(/^\*\./, "")))];
};

/** Where a Deployment's pods are listed. */
export const podsOf = ({ metadata: { namespace }, spec: { selector } }: Deployment): string =>
  `/api/v1/namespaces/${namespace}/pods${labelled(selector?.matchLabels ?? {})}`;

/** Namespace in which cert-manager looks up the Secrets of ClusterIssuers; none where there is no cert-manager. */
export const clusterResourceNamespace = ({ controllers: { certManager } }: StandingEdge): string => {
  const [deployment] = certManager;
  return deployment ? clusterResourceNamespaceOf(deployment) : "";
};

const gatewayApi = "/apis/gateway.networking.k8s.io/v1";
const envoyGateway = "/apis/gateway.envoyproxy.io/v1alpha1";

/** Reads them side by side. Errors: `ConnectionError`. */
export const readEdges = async (cluster: Connection, chosen: Chosen): Promise<StandingEdge[]> => {
  const gateways = await items<Gateway>(cluster, `${gatewayApi}/gateways`);
  return Promise.all(gateways.filter(isChosen(chosen)).map((gateway) => readEdge(cluster, gateway)));
};

const isChosen =
  (chosen: Chosen) =>
  ({ metadata }: Gateway): boolean =>
    "owner" in chosen
      ? metadata.labels?.[stackLabel] === chosen.owner
      : metadata.namespace === chosen.namespace && metadata.name === chosen.name;

const readEdge = async (cluster: Connection, gateway: Gateway): Promise<StandingEdge> => {
  const { name, namespace = "" } = gateway.metadata;
  const ofGateway = labelled({
    "gateway.envoyproxy.io/owning-gateway-name": name,
    "gateway.envoyproxy.io/owning-gateway-namespace": namespace,
  });
  const deployments = (query: string) => items<Deployment>(cluster, `/apis/apps/v1/deployments${query}`);
  const policies = async (kind: string, plural: string): Promise<Policy[]> => {
    const found = await items<Policy>(cluster, `${envoyGateway}/namespaces/${namespace}/${plural}`);
    return found.map((each) => ({ ...each, kind })).filter(isFor(name));
  };
  const [gatewayClass, chain, issuers, client, backend, routes, proxies, services, certManagers, gatewayControllers] =
    await Promise.all([
      cluster.get<Conditioned>(`${gatewayApi}/gatewayclasses/${gateway.spec.gatewayClassName}`),
      issuances(cluster, namespace, 0),
      items<Issuer>(cluster, "/apis/cert-manager.io/v1/clusterissuers"),
      policies("ClientTrafficPolicy", "clienttrafficpolicies"),
      policies("BackendTrafficPolicy", "backendtrafficpolicies"),
      items<Route>(cluster, `${gatewayApi}/httproutes`),
      deployments(ofGateway),
      items<Service>(cluster, `/api/v1/services${ofGateway}`),
      deployments(labelled(controllerLabels.certManager)),
      deployments(labelled(controllerLabels.envoyGateway)),
    ]);
  return {
    gateway,
    gatewayClass,
    chain: { ...chain, certificates: (chain.certificates as Certificate[]).filter(isServed(gateway)) },
    issuers,
    policies: [...client, ...backend],
    routes: routes.filter(isAttached(gateway)),
    proxies,
    services,
    controllers: { certManager: certManagers, envoyGateway: gatewayControllers },
  };
};

const isServed =
  ({ spec }: Gateway) =>
  ({ spec: { secretName } }: Certificate): boolean =>
    spec.listeners.some(({ tls }) => tls?.certificateRefs?.some(({ name }) => name === secretName));

/** What a policy is attached to; earlier versions have one target. */
export const targetsOf = ({ spec = {} }: Policy): Target[] =>
  spec.targetRefs ?? (spec.targetRef ? [spec.targetRef] : []);

const isFor =
  (gateway: string) =>
  (policy: Policy): boolean =>
    targetsOf(policy).some(({ kind, name }) => kind === "Gateway" && name === gateway);

/** Whether a parentRef is the Gateway; one without a namespace is in its route's. */
export const leadsTo =
  ({ metadata }: Gateway, from: string | undefined) =>
  ({ name, namespace = from }: { name: string; namespace?: string }): boolean =>
    name === metadata.name && namespace === metadata.namespace;

/** What the Gateway's controller says of a route, for each of its parentRefs as they are now: those of before stay in the status for ever. */
export const attachments = (gateway: Gateway, { metadata, spec, status }: Route): Conditioned[] =>
  (status?.parents ?? [])
    .filter(({ parentRef }) => leadsTo(gateway, metadata.namespace)(parentRef))
    .filter(({ parentRef }) => spec.parentRefs?.some(({ sectionName }) => sectionName === parentRef.sectionName))
    .map(({ conditions }) => ({ metadata, status: { conditions } }));

const isAttached =
  (gateway: Gateway) =>
  ({ metadata, spec }: Route): boolean =>
    spec.parentRefs?.some(leadsTo(gateway, metadata.namespace)) ?? false;
