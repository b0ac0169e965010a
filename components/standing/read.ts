/** What stands in the cluster where an edge is to be put, read in one pass. */
import { familyOf, type ServiceRanges } from "../rules/ipFamilies";
import { type Names, releases } from "../rules/names";
import type { StandingEnds } from "../rules/proxyProtocol";
import { type Connection, labelled, type Metadata } from "./connection";
import { type Existing, type StandingControllers, standingControllers } from "./controllers";
import { standingEnds } from "./proxyProtocol";

/** An object that an edge makes or needs, without a namespace or in one that is not its own. */
export interface Wanted {
  kind: string;
  name: string;
  /** Its namespace, if it has one. */
  namespace?: string;
  /** Whether all edges of the cluster have it in common, and others than edges, too. */
  shared?: boolean;
}

/** One revision of a Helm release, kept in a Secret: https://helm.sh/docs/topics/advanced/#storage-backends */
export interface Revision {
  namespace: string;
  release: string;
  status: string;
  secret: string;
}

/** What stands. */
export interface Standing {
  /** Context and address of the cluster. */
  place: string;
  /** UID of the namespace kube-system, which no other cluster has and which never changes. */
  uid: string;
  /** Of the wanted objects, those that are there. */
  objects: { wanted: Wanted; metadata: Metadata }[];
  /** CRDs of cert-manager, which its chart brings along; none if its first is missing. */
  certManagerCrd: Metadata | undefined;
  /** Revisions of the edge's Helm releases. */
  revisions: Revision[];
  /** What the cluster gives to Services. */
  services: ServiceRanges;
  /** The two ends of PROXY protocol; undefined when there is no load balancer. */
  proxyProtocol: StandingEnds | undefined;
  /** The controllers that somebody else runs and the edge uses. */
  controllers: StandingControllers;
}

/** Where each kind is found. */
const collections: Record<string, string> = {
  Namespace: "/api/v1/namespaces",
  ClusterIssuer: "/apis/cert-manager.io/v1/clusterissuers",
  GatewayClass: "/apis/gateway.networking.k8s.io/v1/gatewayclasses",
  CustomResourceDefinition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  ValidatingAdmissionPolicy: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
  ValidatingAdmissionPolicyBinding: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
  PriorityClass: "/apis/scheduling.k8s.io/v1/priorityclasses",
};

/** Kinds that `read` can look for. */
export const readableKinds = [...Object.keys(collections), "Secret"];

const pathOf = ({ kind, name, namespace }: Wanted): string =>
  kind === "Secret" ? `${secretsOf(namespace ?? "")}/${name}` : `${collections[kind]}/${name}`;

const secretsOf = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;

/**
 * Reads once, side by side, what concerns the edge. Errors: `ConnectionError`.
 */
export const read = async (
  cluster: Connection,
  names: Names,
  wanted: Wanted[],
  existing: Existing,
): Promise<Standing> => {
  // Alone and first: whether the cluster answers and admits us is then known, and asked of a login helper once.
  const kubeSystem = await cluster.metadata(`${collections.Namespace}/kube-system`);
  const crds = collections.CustomResourceDefinition;
  const [objects, certManagerCrd, revisions, services, proxyProtocol, controllers] = await Promise.all([
    Promise.all(
      wanted.map(async (each) => ({
        wanted: each,
        metadata: await cluster.metadata(pathOf(each)),
      })),
    ),
    cluster.metadata(`${crds}/certificates.cert-manager.io`),
    Promise.all(
      Object.values(releases).map(async ({ name, namespace }) => {
        const secrets = await cluster.list(`${secretsOf(namespace)}${labelled({ owner: "helm", name })}`);
        return secrets.map(
          (secret): Revision => ({
            namespace,
            release: name,
            status: secret.labels?.status ?? "unknown",
            secret: secret.name,
          }),
        );
      }),
    ),
    serviceRanges(cluster),
    standingEnds(cluster.get, names),
    standingControllers(cluster, names, existing),
  ]);
  return {
    place: cluster.place,
    uid: kubeSystem?.uid ?? "",
    objects: objects.flatMap(({ metadata, ...each }) => (metadata ? [{ ...each, metadata }] : [])),
    certManagerCrd,
    revisions: revisions.flat(),
    services,
    proxyProtocol,
    controllers,
  };
};

interface ServiceCidr {
  metadata: { name: string };
  spec: { cidrs: string[] };
}

/**
 * By the ServiceCIDRs, of which `kubernetes` has the API server's own ranges, the preferred family first, and each other one adds more
 * (Kubernetes 1.33 and later). Without them the Service `kubernetes` is looked at, which has the preferred family alone.
 */
const serviceRanges = async (cluster: Connection): Promise<ServiceRanges> => {
  const found = await cluster.get<{ items: ServiceCidr[] }>("/apis/networking.k8s.io/v1/servicecidrs");
  const all = found?.items ?? [];
  const ranges = [...all.filter(isDefault), ...all.filter((each) => !isDefault(each))].flatMap(
    ({ spec }) => spec.cidrs,
  );
  if (all.some(isDefault))
    return {
      ranges: ranges.filter((range, at) => ranges.findIndex((each) => familyOf(each) === familyOf(range)) === at),
    };
  const service = await cluster.get<{ spec: { clusterIP?: string } }>("/api/v1/namespaces/default/services/kubernetes");
  return { ranges: service?.spec.clusterIP ? [service.spec.clusterIP] : [], partial: true };
};

const isDefault = ({ metadata }: ServiceCidr): boolean => metadata.name === "kubernetes";

/** Forgets a revision that an interrupted Helm has left pending, so that Helm can begin anew. */
export const forget = (cluster: Connection, { namespace, secret }: Revision): Promise<void> =>
  cluster.delete(`${secretsOf(namespace)}/${secret}`);
