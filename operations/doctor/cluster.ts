/** What stands in the cluster behind an edge: pods, CRDs, Secrets, namespaces, backends, clocks, and whether changes are admitted. */
import { releases } from "../../components/rules/names";
import { type Connection, labelled, type Metadata } from "../../components/standing/connection";
import { items } from "../snapshot";
import { podsOf, type Route, type StandingEdge } from "../standingEdge";
import { type Rejections, rejectionsOf } from "./rejections";

/** A pod that does not run as it should, and why. */
export interface Ailing {
  namespace: string;
  pod: string;
  /** Its Deployment. */
  deployment: string;
  why: string;
}

/** A Secret of a listener's or an issuer's, without its contents. */
export interface SecretFacts {
  keys: string[];
  annotations: Record<string, string>;
}

export interface ClusterFacts {
  /** Context and address. */
  place: string;
  /** Pods of the controllers and the proxies that do not run. */
  ailing: Ailing[];
  /** CRDs of the Gateway API and of Envoy Gateway. */
  crds: Metadata[];
  /** TLS Secrets of the Gateway's namespace, by their names; undefined for one that is not there. */
  secrets: Record<string, SecretFacts | undefined>;
  /** Labels of the namespaces that have routes. */
  namespaces: Record<string, Record<string, string>>;
  /** Services that routes lead to, as `namespace/name`: how many endpoints are ready, or undefined for one that is not there. */
  backends: Record<string, number | undefined>;
  /** What cert-manager's webhook says of an issuer that it must admit; undefined when it would take it. */
  webhook: string | undefined;
  /** How long ago each Lease that is held was renewed by its holder's clock, in milliseconds of this machine's; negative is the future. */
  leases: Record<string, number>;
  /** Events of the proxies' Services that tell of trouble. */
  events: { service: string; message: string }[];
  /** Helm revisions that an interrupted run has left half done, as `namespace/release`. */
  pending: string[];
  /** What the proxies have refused of what Envoy Gateway sent them. */
  rejections: Rejections;
}

/** Groups of the CRDs without which there is no Gateway, and no policy of Envoy Gateway's. */
export const groups = { gatewayApi: "gateway.networking.k8s.io", envoyGateway: "gateway.envoyproxy.io" };

const crdsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Reads side by side. Errors: `ConnectionError`. */
export const readCluster = async (cluster: Connection, edge: StandingEdge): Promise<ClusterFacts> => {
  const [ailing, crds, secrets, namespaces, backends, webhook, leases, events, pending, rejections] = await Promise.all(
    [
      ailingPods(cluster, edge),
      gatewayCrds(cluster),
      tlsSecrets(cluster, edge),
      namespacesOf(cluster, edge),
      backendsOf(cluster, edge),
      admits(cluster),
      leaseAges(cluster),
      serviceEvents(cluster, edge),
      pendingReleases(cluster),
      rejectionsOf(cluster, edge),
    ],
  );
  return {
    place: cluster.place,
    ailing,
    crds,
    secrets,
    namespaces,
    backends,
    webhook,
    leases,
    events,
    pending,
    rejections,
  };
};

/** The CRDs of the Gateway API and of Envoy Gateway. */
export const gatewayCrds = async (cluster: Connection): Promise<Metadata[]> =>
  (await cluster.list(crdsPath)).filter(({ name }) =>
    Object.values(groups).some((group) => name.endsWith(`.${group}`)),
  );

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus */
interface Pod {
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: {
      name: string;
      ready: boolean;
      state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string } };
    }[];
  };
}

const ailingPods = async (cluster: Connection, { controllers, proxies }: StandingEdge): Promise<Ailing[]> => {
  const all = [...controllers.certManager, ...controllers.envoyGateway, ...proxies];
  const found = await Promise.all(
    all.map(async (deployment) =>
      (await items<Pod>(cluster, podsOf(deployment))).flatMap(({ metadata, status }) => {
        const why = metadata.deletionTimestamp ? undefined : whyNotReady(status);
        const { namespace = "", name } = deployment.metadata;
        return why === undefined ? [] : [{ namespace, pod: metadata.name, deployment: name, why }];
      }),
    ),
  );
  return found.flat();
};

const whyNotReady = ({
  conditions = [],
  containerStatuses = [],
}: NonNullable<Pod["status"]> = {}): string | undefined => {
  const unscheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled) return [unscheduled.reason, unscheduled.message].filter(Boolean).join(": ");
  const [held] = containerStatuses.filter(({ ready }) => !ready);
  if (!held) return undefined;
  const { waiting, terminated } = held.state ?? {};
  const { reason = terminated?.reason ?? "not ready", message = undefined } = waiting ?? {};
  return `container ${held.name}: ${[reason, message].filter(Boolean).join(": ")}`;
};

const tlsSecrets = async (cluster: Connection, { gateway, chain }: StandingEdge): Promise<ClusterFacts["secrets"]> => {
  const { namespace } = gateway.metadata;
  const names = [
    ...gateway.spec.listeners.flatMap(({ tls }) => tls?.certificateRefs?.map(({ name }) => name) ?? []),
    ...chain.certificates.map(({ spec }) => spec.secretName),
  ];
  const each = [...new Set(names)].map(async (name) => {
    const found = await cluster.get<{ metadata: Metadata; data?: Record<string, string> }>(
      `/api/v1/namespaces/${namespace}/secrets/${name}`,
    );
    const facts = found && {
      keys: Object.keys(found.data ?? {}).sort(),
      annotations: found.metadata.annotations ?? {},
    };
    return [name, facts] as const;
  });
  return Object.fromEntries(await Promise.all(each));
};

const namespacesOf = async (cluster: Connection, { routes }: StandingEdge): Promise<ClusterFacts["namespaces"]> => {
  const names = new Set(routes.map(({ metadata: { namespace = "" } }) => namespace));
  const each = [...names].map(
    async (name) => [name, (await cluster.metadata(`/api/v1/namespaces/${name}`))?.labels ?? {}] as const,
  );
  return Object.fromEntries(await Promise.all(each));
};

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
interface EndpointSlice {
  endpoints?: { conditions?: { ready?: boolean } }[] | null;
}

const backendsOf = async (cluster: Connection, { routes }: StandingEdge): Promise<ClusterFacts["backends"]> => {
  const each = [...new Set(routes.flatMap(servicesOf))].map(async (place) => {
    const [namespace, name = ""] = place.split("/");
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices${labelled({ "kubernetes.io/service-name": name })}`;
    const [service, found] = await Promise.all([
      cluster.metadata(`/api/v1/namespaces/${namespace}/services/${name}`),
      items<EndpointSlice>(cluster, slices),
    ]);
    const ready = found
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false);
    return [place, service && ready.length] as const;
  });
  return Object.fromEntries(await Promise.all(each));
};

/** The Services that a route leads to, as `namespace/name`. */
export const servicesOf = ({ metadata, spec }: Route): string[] =>
  (spec.rules ?? [])
    .flatMap(({ backendRefs = [] }) => backendRefs)
    .filter(({ kind = "Service" }) => kind === "Service")
    .map(({ name, namespace = metadata.namespace }) => `${namespace}/${name}`);

/** Asks with what is taken back at once: the API server keeps nothing of it. */
const admits = (cluster: Connection): Promise<string | undefined> =>
  cluster.rehearse("/apis/cert-manager.io/v1/clusterissuers", {
    apiVersion: "cert-manager.io/v1",
    kind: "ClusterIssuer",
    metadata: { generateName: "https-edge-" },
    spec: { selfSigned: {} },
  });

/** https://kubernetes.io/docs/concepts/architecture/leases/ */
interface Lease {
  spec?: { holderIdentity?: string; renewTime?: string };
}

const leaseAges = async (cluster: Connection): Promise<Record<string, number>> => {
  const path = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const found = await Promise.all(
    ["kube-node-lease", "kube-system"].map((namespace) => items<Lease>(cluster, path(namespace))),
  );
  const now = Date.now();
  return Object.fromEntries(
    found.flat().flatMap(({ metadata, spec }) => {
      const renewed = Date.parse(spec?.renewTime ?? "");
      return spec?.holderIdentity && !Number.isNaN(renewed)
        ? [[`${metadata.namespace}/${metadata.name}`, now - renewed]]
        : [];
    }),
  );
};

interface Event {
  type?: string;
  message?: string;
  involvedObject: { kind?: string; name?: string };
}

const serviceEvents = async (cluster: Connection, { services }: StandingEdge): Promise<ClusterFacts["events"]> => {
  const each = services.map(async ({ metadata: { name, namespace } }) => {
    const query = `?fieldSelector=${encodeURIComponent(`involvedObject.kind=Service,involvedObject.name=${name},type=Warning`)}`;
    const events = await items<Event>(cluster, `/api/v1/namespaces/${namespace}/events${query}`);
    return events.map(({ message = "" }) => ({ service: name, message }));
  });
  return (await Promise.all(each)).flat();
};

const pendingReleases = async (cluster: Connection): Promise<string[]> => {
  const each = Object.values(releases).map(async ({ name, namespace }) => {
    const found = await cluster.list(`/api/v1/namespaces/${namespace}/secrets${labelled({ owner: "helm", name })}`);
    const isPending = found.some(({ labels }) => labels?.status?.startsWith("pending-"));
    return isPending ? [`${namespace}/${name}`] : [];
  });
  return (await Promise.all(each)).flat();
};
