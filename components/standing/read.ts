/** What stands in the cluster where an edge is to be put, read in one pass. */
import { releases } from "../rules/names";
import type { Connection, Metadata } from "./connection";

/** An object without a namespace that an edge makes. */
export interface Wanted {
  kind: string;
  name: string;
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
  /** The policy that guards upgrades of the Gateway API's CRDs. */
  revisions: Revision[];
  /** Families of the addresses that the cluster gives to Services, the preferred one first. */
  ipFamilies: string[];
}

/** Where each kind without a namespace is found. */
const collections: Record<string, string> = {
  Namespace: "/api/v1/namespaces",
  ClusterIssuer: "/apis/cert-manager.io/v1/clusterissuers",
  GatewayClass: "/apis/gateway.networking.k8s.io/v1/gatewayclasses",
  CustomResourceDefinition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  ValidatingAdmissionPolicy: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
  ValidatingAdmissionPolicyBinding: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
};

/** Kinds that `read` can look for. */
export const kindsWithoutNamespace = Object.keys(collections);

const secretsOf = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;

/**
 * Reads once, side by side, what concerns the edge. Errors: `ConnectionError`.
 */
export const read = async (cluster: Connection, wanted: Wanted[]): Promise<Standing> => {
  // Alone and first: whether the cluster answers and admits us is then known, and asked of a login helper once.
  const kubeSystem = await cluster.metadata(`${collections.Namespace}/kube-system`);
  const crds = collections.CustomResourceDefinition;
  const [objects, certManagerCrd, revisions, service] = await Promise.all([
    Promise.all(
      wanted.map(async (each) => ({
        wanted: each,
        metadata: await cluster.metadata(`${collections[each.kind]}/${each.name}`),
      })),
    ),
    cluster.metadata(`${crds}/certificates.cert-manager.io`),
    Promise.all(
      Object.values(releases).map(async ({ name, namespace }) => {
        const selector = encodeURIComponent(`owner=helm,name=${name}`);
        const secrets = await cluster.list(`${secretsOf(namespace)}?labelSelector=${selector}`);
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
    cluster.get<{ spec: { ipFamilies?: string[] } }>("/api/v1/namespaces/default/services/kubernetes"),
  ]);
  return {
    place: cluster.place,
    uid: kubeSystem?.uid ?? "",
    objects: objects.flatMap(({ metadata, ...each }) => (metadata ? [{ ...each, metadata }] : [])),
    certManagerCrd,
    revisions: revisions.flat(),
    ipFamilies: service?.spec.ipFamilies ?? [],
  };
};

/** Forgets a revision that an interrupted Helm has left pending, so that Helm can begin anew. */
export const forget = (cluster: Connection, { namespace, secret }: Revision): Promise<void> =>
  cluster.delete(`${secretsOf(namespace)}/${secret}`);
