/** What stands in an edge's cluster, as far as it can hold the edge's destroy. */
import { stackLabel } from "../components/rules/names";
import { type Connection, labelled, type Metadata } from "../components/standing/connection";
import { type Controller, controllers } from "./controllers";
import type { Edge, HelmRelease } from "./stackState";

/** An object, and where it is in the API. */
export interface Found {
  kind: string;
  path: string;
  metadata: Metadata;
}

/** The Deployments of a controller, as `namespace/name`. */
export interface Running {
  deployments: string[];
  /** Whether a pod of one is ready. */
  ready: boolean;
}

/** What stands. */
export interface Snapshot {
  /** Context and address of the cluster. */
  place: string;
  /** UID of kube-system. */
  uid: string;
  /** All Gateways, each with the name of its class. */
  gateways: { metadata: Metadata; gatewayClassName: string }[];
  /** All objects of the kinds that controllers hold by finalizers. */
  holdable: Found[];
  /** This edge's namespaces, and what each still waits for that is being deleted. */
  namespaces: { name: string; waits: string[] }[];
  running: Record<Controller, Running>;
  /** The edge's releases of which Helm has no record, and the Deployments that they still have. */
  lost: { release: HelmRelease; deployments: string[] }[];
  /** Objects without a namespace that any Helm release has made. */
  helmMade: Found[];
}

type Collections = Record<string, string>;

/** Where the challenges of all namespaces are listed. */
export const challengesPath = "/apis/acme.cert-manager.io/v1/challenges";

const holdable: Collections = {
  GatewayClass: "/apis/gateway.networking.k8s.io/v1/gatewayclasses",
  Challenge: challengesPath,
};

/** Those of the edge's charts, but for CRDs, which Helm keeps. */
const helmMade: Collections = {
  ValidatingWebhookConfiguration: "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  MutatingWebhookConfiguration: "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
};

/** Reads once, side by side. Errors: `ConnectionError`. */
export const readSnapshot = async (cluster: Connection, edge: Edge): Promise<Snapshot> => {
  // Alone and first: whether the cluster answers and admits us is then known, and asked of a login helper once.
  const kubeSystem = await cluster.metadata("/api/v1/namespaces/kube-system");
  const [gateways, held, namespaces, envoyGateway, certManager, webhook, lost, made] = await Promise.all([
    readGateways(cluster),
    readAll(cluster, holdable),
    readNamespaces(cluster, edge),
    readRunning(cluster, controllers.envoyGateway.labels),
    readRunning(cluster, controllers.certManager.labels),
    readRunning(cluster, controllers.webhook.labels),
    readLost(cluster, edge),
    readAll(cluster, helmMade, labelled({ "app.kubernetes.io/managed-by": "Helm" })),
  ]);
  return {
    place: cluster.place,
    uid: kubeSystem?.uid ?? "",
    gateways,
    holdable: held,
    namespaces,
    running: { envoyGateway, certManager, webhook },
    lost,
    helmMade: made,
  };
};

const readAll = async (cluster: Connection, collections: Collections, query = ""): Promise<Found[]> => {
  const all = Object.entries(collections).map(async ([kind, collection]) =>
    (await cluster.list(`${collection}${query}`)).map((metadata) => ({
      kind,
      path: pathOf(collection, metadata),
      metadata,
    })),
  );
  return (await Promise.all(all)).flat();
};

/** The path of an object of a collection, which is listed over all namespaces. */
export const pathOf = (collection: string, { namespace, name }: Metadata): string => {
  const [, group, plural] = /^(.*)\/([^/]+)$/.exec(collection) ?? [];
  return `${group}${namespace ? `/namespaces/${namespace}` : ""}/${plural}/${name}`;
};

/** Whole objects, of which `metadata` alone would not be enough. */
export const items = async <T>(cluster: Connection, path: string): Promise<(T & { metadata: Metadata })[]> =>
  (await cluster.get<{ items: (T & { metadata: Metadata })[] | null }>(path))?.items ?? [];

const readGateways = async (cluster: Connection): Promise<Snapshot["gateways"]> => {
  const found = await items<{ spec: { gatewayClassName: string } }>(
    cluster,
    "/apis/gateway.networking.k8s.io/v1/gateways",
  );
  return found.map(({ metadata, spec }) => ({ metadata, gatewayClassName: spec.gatewayClassName }));
};

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/#NamespaceStatus */
interface NamespaceStatus {
  conditions?: { type: string; status: string; message?: string }[];
}

const readNamespaces = async (cluster: Connection, { owner }: Edge): Promise<Snapshot["namespaces"]> => {
  if (owner === undefined) return [];
  const path = `/api/v1/namespaces${labelled({ [stackLabel]: owner })}`;
  const found = await items<{ status?: NamespaceStatus }>(cluster, path);
  return found.map(({ metadata, status }) => ({
    name: metadata.name,
    // These conditions are there only in a namespace that is being deleted.
    waits: (status?.conditions ?? [])
      .filter((condition) => condition.type.startsWith("Namespace") && condition.status === "True")
      .map(({ type, message }) => message ?? type),
  }));
};

const readRunning = async (cluster: Connection, labels: Record<string, string>): Promise<Running> => {
  const found = await items<{ status?: { readyReplicas?: number } }>(
    cluster,
    `/apis/apps/v1/deployments${labelled(labels)}`,
  );
  return {
    deployments: found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ready: found.some(({ status }) => (status?.readyReplicas ?? 0) > 0),
  };
};

/** Helm keeps its records in Secrets, or in ConfigMaps where it is told to: https://helm.sh/docs/topics/advanced/#storage-backends */
const readLost = async (cluster: Connection, { releases }: Edge): Promise<Snapshot["lost"]> => {
  const all = releases.map(async (release) => {
    const { name, namespace } = release;
    const records = ["secrets", "configmaps"].map((plural) =>
      cluster.list(`/api/v1/namespaces/${namespace}/${plural}${labelled({ owner: "helm", name })}`),
    );
    const instance = labelled({ "app.kubernetes.io/instance": name });
    const [deployments, ...recorded] = await Promise.all([
      cluster.list(`/apis/apps/v1/namespaces/${namespace}/deployments${instance}`),
      ...records,
    ]);
    return recorded.flat().length > 0
      ? []
      : [{ release, deployments: deployments.map((each) => `${namespace}/${each.name}`) }];
  });
  return (await Promise.all(all)).flat();
};
