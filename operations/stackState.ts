/** What a stack's state tells of the edges in it, whatever program made them. */
import type { ConnectionArgs } from "../components/standing/connection";

/** A resource, as far as it is read: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go */
interface Resource {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
  provider?: string;
  /** Set on what a replacement has left to be deleted. */
  delete?: boolean;
  /** Set on what stays where it is when it is deleted from the state. */
  retainOnDelete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** What `pulumi stack export` prints. */
export interface StackState {
  deployment?: {
    resources?: Resource[] | null;
    /** What was under way when a run was killed. */
    pending_operations?: { resource: Resource; type: string }[] | null;
  } | null;
}

/** A Helm release of the edge. */
export interface HelmRelease {
  urn: string;
  name: string;
  namespace: string;
}

/** An edge, as the state has it. */
export interface Edge {
  /** The way to its cluster, as its Kubernetes provider has it. */
  connection: ConnectionArgs;
  /** Value of the label by which its objects are told from all others. */
  owner?: string;
  /** UID of kube-system in its cluster. */
  uid?: string;
  releases: HelmRelease[];
  /** Gateways of the whole stack, as `namespace/name`. */
  gateways: string[];
}

/** The edges of a state. One whose first `up` ended before it had a provider has made nothing in any cluster, and is left out. */
export const edgesOf = ({ deployment }: StackState): Edge[] => {
  const resources = (deployment?.resources ?? []).filter((resource) => !resource.delete);
  const gateways = resources.filter(({ type }) => type.endsWith(":Gateway")).map(({ id = "" }) => id);
  return resources
    .filter(({ type }) => type === "https-edge:index:Cluster")
    .flatMap((cluster) => {
      const children = resources.filter(({ parent }) => parent === cluster.urn);
      const provider = children.find(({ type }) => type === "pulumi:providers:kubernetes");
      if (!provider) return [];
      const stashed = (name: string) => {
        const stash = children.find(({ urn }) => urn.endsWith(`::${nameOf(cluster)}-${name}`));
        return textOf(stash?.outputs?.output);
      };
      const { kubeconfig, context } = provider.inputs ?? {};
      return [
        {
          connection: { kubeconfig: textOf(kubeconfig), context: textOf(context) },
          owner: stashed("owner"),
          uid: stashed("uid"),
          releases: resources.filter((resource) => isReleaseOf(resource, provider)).map(releaseOf),
          gateways,
        },
      ];
    });
};

const isAtCloudflare = ({ type }: Resource): boolean => type.startsWith("cloudflare:");

/** What the stack has at Cloudflare: its kind, what people know it by there, and where the API has it. */
export const atCloudflare = ({ deployment }: StackState): { kind: string; name: string; urn: string; path: string }[] =>
  (deployment?.resources ?? []).filter(isAtCloudflare).map((resource) => {
    const { name, type, content } = resource.outputs ?? {};
    return {
      kind: resource.type.split(":").pop() ?? "",
      name: [name ?? nameOf(resource), type, content].map(textOf).filter(Boolean).join(" "),
      urn: resource.urn,
      path: pathOf(resource),
    };
  });

const pathOf = ({ type, id = "", inputs, outputs }: Resource): string => {
  const value = (key: string) => textOf(inputs?.[key] ?? outputs?.[key]) ?? "";
  if (/DnsRecord$/.test(type)) return `/zones/${value("zoneId")}/dns_records/${id}`;
  return `${/AccountToken$/.test(type) ? `/accounts/${value("accountId")}` : "/user"}/tokens/${id}`;
};

/** A token that the stack has created at Cloudflare. */
export interface Token {
  urn: string;
  /** Where Cloudflare's API has it, and all of its owner. */
  path: string;
  owner: string;
  id: string;
  name: string;
  /** The account whose it is; undefined for one of the user. */
  accountId: string | undefined;
}

/** The tokens of a stack: those that serve; those that they have replaced and that still stand; and those of which it is not known whether they do. */
export const tokensOf = ({ deployment }: StackState): { now: Token[]; replaced: Token[]; unknown: Token[] } => {
  const isToken = ({ type }: Resource) => /^cloudflare:index\/(account|api)Token:/.test(type);
  const tokens = (deployment?.resources ?? []).filter(isToken);
  const begun = (deployment?.pending_operations ?? []).map(({ resource }) => resource).filter(isToken);
  return {
    now: tokens.filter((each) => !each.delete).map(tokenOf),
    replaced: tokens.filter((each) => each.delete).map(tokenOf),
    unknown: begun.map(tokenOf),
  };
};

const tokenOf = (resource: Resource): Token => {
  const { urn, id = "", inputs, outputs } = resource;
  const path = pathOf(resource);
  return {
    urn,
    path,
    owner: path.slice(0, path.lastIndexOf("/")),
    id,
    name: textOf(inputs?.name ?? outputs?.name) ?? "",
    accountId: textOf(inputs?.accountId ?? outputs?.accountId),
  };
};

/** A DNS record, as the state has it before it knows whether it is there. */
export interface BegunRecord {
  zoneId: string;
  name: string;
  type: string;
  content: string;
  comment: string;
}

/** The ids of the stack's DNS records, and those whose creation was under way when a run was killed. */
export const recordsOf = ({ deployment }: StackState): { ids: string[]; begun: BegunRecord[] } => {
  const isRecord = ({ type }: Resource) => type.startsWith("cloudflare:index/dnsRecord:");
  const begun = (deployment?.pending_operations ?? []).filter(
    ({ type, resource }) => type === "creating" && isRecord(resource),
  );
  return {
    ids: (deployment?.resources ?? []).filter(isRecord).map(({ id = "" }) => id),
    begun: begun.map(({ resource: { inputs = {} } }) => {
      const text = (key: string) => textOf(inputs[key]) ?? "";
      return {
        zoneId: text("zoneId"),
        name: text("name"),
        type: text("type"),
        content: text("content"),
        comment: text("comment"),
      };
    }),
  };
};

/** The state in which all of that stays where it is, whatever is deleted. */
export const retained = (state: StackState): StackState => ({
  ...state,
  deployment: {
    ...state.deployment,
    resources: (state.deployment?.resources ?? []).map((resource) =>
      isAtCloudflare(resource) ? { ...resource, retainOnDelete: true } : resource,
    ),
  },
});

const nameOf = ({ urn }: Resource): string => urn.split("::").pop() ?? "";

const isReleaseOf = (resource: Resource, { urn }: Resource): boolean =>
  resource.type === "kubernetes:helm.sh/v3:Release" && (resource.provider?.startsWith(`${urn}::`) ?? false);

const releaseOf = ({ urn, inputs }: Resource): HelmRelease => ({
  urn,
  name: textOf(inputs?.name) ?? "",
  namespace: textOf(inputs?.namespace) ?? "",
});

/** A text of the state; a secret one is an object with the text as JSON in it. */
const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  const plaintext = (value as { plaintext?: unknown } | null | undefined)?.plaintext;
  return typeof plaintext === "string" ? textOf(JSON.parse(plaintext)) : undefined;
};
