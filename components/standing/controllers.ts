/** cert-manager and Envoy Gateway as somebody else runs them: what they are, how they are set, and whether they work. */
import { load } from "js-yaml";
import { controllerLabels, controllerName, type Names } from "../rules/names";
import { type Conditioned, holds } from "./condition";
import { type Connection, labelled } from "./connection";

/** A controller, by its Deployment. */
export interface Controller {
  /** Name of its Deployment. */
  deployment: string;
  /** Its version as its label or its image tells it, without the v. */
  version: string | undefined;
  /** Whether a pod of it is available. */
  isRunning: boolean;
}

/** cert-manager as it stands. */
export interface StandingCertManager extends Controller {
  /** Namespace in which it looks up the Secrets of ClusterIssuers. */
  clusterResourceNamespace: string;
  /** Namespace of the Lease by which one of its pods leads. */
  leaseNamespace: string;
  /** Whether a pod holds it. */
  isLed: boolean;
  /** What the API server says of an issuer that its webhook must admit; undefined when it would take it. */
  webhook: string | undefined;
}

/** Envoy Gateway as it stands, and the class. */
export interface StandingEnvoyGateway extends Controller {
  /** The name by which GatewayClasses choose it. */
  controllerName: string;
  /** What it watches; undefined for every namespace. */
  watches: string | undefined;
  /** Whether the proxies run in their Gateway's namespace and not in its own. */
  spreadsProxies: boolean;
  gatewayClass: StandingClass | undefined;
}

/** A GatewayClass as it stands. */
export interface StandingClass {
  controllerName: string;
  isAccepted: boolean;
  /** What of the Gateway API the controller says to support; empty where it does not say. */
  features: string[];
}

/** Which controllers are used as they stand. */
export interface Existing {
  certManager: boolean;
  envoyGateway: boolean;
}

/** The controllers that are used as they stand; each undefined when it is not to be found. */
export interface StandingControllers {
  certManager?: StandingCertManager;
  envoyGateway?: StandingEnvoyGateway;
}

interface Container {
  image?: string;
  args?: string[];
}

/** A controller's Deployment, as far as it tells how the controller is set. */
export interface ControllerDeployment extends Conditioned {
  metadata: Conditioned["metadata"] & { namespace?: string; labels?: Record<string, string> };
  spec: { template: { spec: { containers: Container[] } } };
  status?: Conditioned["status"] & { availableReplicas?: number };
}

/** Reads those that are used as they stand. Errors: `ConnectionError`. */
export const standingControllers = async (
  cluster: Connection,
  { controllers, gatewayClass }: Names,
  existing: Existing,
): Promise<StandingControllers> => {
  const [certManager, envoyGateway] = await Promise.all([
    existing.certManager ? standingCertManager(cluster, controllers.certManager) : undefined,
    existing.envoyGateway ? standingEnvoyGateway(cluster, controllers.envoyGateway, gatewayClass) : undefined,
  ]);
  return { certManager, envoyGateway };
};

/** The first Deployment with these labels, as its own manifests have them, whatever the release is called. */
const deploymentOf = async (
  cluster: Connection,
  namespace: string,
  labels: Record<string, string>,
): Promise<ControllerDeployment | undefined> => {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments${labelled(labels)}`;
  return (await cluster.get<{ items: ControllerDeployment[] | null }>(path))?.items?.[0];
};

/** A controller's version as its label or its image tells it, without the v. */
export const versionOf = ({ metadata, spec }: ControllerDeployment): string | undefined => {
  const [image] = spec.template.spec.containers.map((container) => container.image ?? "");
  const told = metadata.labels?.["app.kubernetes.io/version"] ?? /:([^:@/]+)(@|$)/.exec(image ?? "")?.[1];
  return /^v?(\d+\.\d+\.\d+)/.exec(told ?? "")?.[1];
};

const controllerOf = (deployment: ControllerDeployment): Controller => ({
  deployment: deployment.metadata.name,
  version: versionOf(deployment),
  isRunning: (deployment.status?.availableReplicas ?? 0) > 0,
});

/** https://cert-manager.io/docs/cli/controller/ */
const flagOf = ({ metadata, spec }: ControllerDeployment, name: string, fallback: string): string => {
  const args = spec.template.spec.containers.flatMap((container) => container.args ?? []);
  const value = args.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
  return value === undefined ? fallback : value.replace("$(POD_NAMESPACE)", metadata.namespace ?? "");
};

/** Namespace in which this cert-manager looks up the Secrets of ClusterIssuers. */
export const clusterResourceNamespaceOf = (deployment: ControllerDeployment): string =>
  flagOf(deployment, "cluster-resource-namespace", "kube-system");

const standingCertManager = async (
  cluster: Connection,
  namespace: string,
): Promise<StandingCertManager | undefined> => {
  const [deployment, webhook] = await Promise.all([
    deploymentOf(cluster, namespace, controllerLabels.certManager),
    cluster.rehearse("/apis/cert-manager.io/v1/clusterissuers", {
      apiVersion: "cert-manager.io/v1",
      kind: "ClusterIssuer",
      metadata: { generateName: "https-edge-" },
      spec: { selfSigned: {} },
    }),
  ]);
  if (!deployment) return undefined;
  const leaseNamespace = flagOf(deployment, "leader-election-namespace", "kube-system");
  const lease = await cluster.get<{ spec?: { holderIdentity?: string } }>(
    `/apis/coordination.k8s.io/v1/namespaces/${leaseNamespace}/leases/cert-manager-controller`,
  );
  return {
    ...controllerOf(deployment),
    clusterResourceNamespace: clusterResourceNamespaceOf(deployment),
    leaseNamespace,
    isLed: Boolean(lease?.spec?.holderIdentity) || flagOf(deployment, "leader-elect", "true") === "false",
    webhook,
  };
};

/** https://gateway.envoyproxy.io/docs/api/extension_types/#envoygateway */
interface Configuration {
  gateway?: { controllerName?: string };
  provider?: {
    kubernetes?: {
      watch?: { type?: string; namespaces?: string[]; namespaceSelector?: unknown };
      deploy?: { type?: string };
    };
  };
}

interface GatewayClass extends Conditioned {
  spec: { controllerName: string };
  status?: Conditioned["status"] & { supportedFeatures?: { name: string }[] };
}

const standingEnvoyGateway = async (
  cluster: Connection,
  namespace: string,
  className: string,
): Promise<StandingEnvoyGateway | undefined> => {
  const [deployment, configMap, gatewayClass] = await Promise.all([
    deploymentOf(cluster, namespace, controllerLabels.envoyGateway),
    cluster.get<{ data?: Record<string, string> }>(`/api/v1/namespaces/${namespace}/configmaps/envoy-gateway-config`),
    cluster.get<GatewayClass>(`/apis/gateway.networking.k8s.io/v1/gatewayclasses/${className}`),
  ]);
  if (!deployment) return undefined;
  const { gateway, provider } = (load(configMap?.data?.["envoy-gateway.yaml"] ?? "") ?? {}) as Configuration;
  const { watch, deploy } = provider?.kubernetes ?? {};
  return {
    ...controllerOf(deployment),
    controllerName: gateway?.controllerName ?? controllerName,
    watches: watch?.type && (watch.namespaces?.join(", ") ?? "namespaces by their labels"),
    spreadsProxies: deploy?.type === "GatewayNamespace",
    gatewayClass: gatewayClass && {
      controllerName: gatewayClass.spec.controllerName,
      isAccepted: holds(gatewayClass, "Accepted"),
      features: gatewayClass.status?.supportedFeatures?.map(({ name }) => name) ?? [],
    },
  };
};
