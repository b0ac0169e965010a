/** Whose an object is, by the marks that the field's tools leave on what they make. */
import { stackLabel } from "../rules/names";
import type { Metadata } from "./connection";

const releaseName = "meta.helm.sh/release-name";
const releaseNamespace = "meta.helm.sh/release-namespace";

/** Marks by label or annotation, the surest first, and the name of the holder that each gives away. */
const marks: { key: string; holder: (value: string, metadata: Metadata) => string; source: string }[] = [
  {
    key: stackLabel,
    holder: (stack) => `stack ${stack}`,
    source: "this package",
  },
  {
    key: releaseName,
    holder: (name, { annotations }) => `Helm release ${annotations?.[releaseNamespace] ?? ""}/${name}`,
    source: "https://helm.sh/docs/topics/charts_tips_and_tricks/",
  },
  {
    key: "kustomize.toolkit.fluxcd.io/name",
    holder: (name, { labels }) =>
      `Flux Kustomization ${labels?.["kustomize.toolkit.fluxcd.io/namespace"] ?? ""}/${name}`,
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/",
  },
  {
    key: "helm.toolkit.fluxcd.io/name",
    holder: (name, { labels }) => `Flux HelmRelease ${labels?.["helm.toolkit.fluxcd.io/namespace"] ?? ""}/${name}`,
    source: "https://fluxcd.io/flux/components/helm/helmreleases/",
  },
  {
    key: "argocd.argoproj.io/tracking-id",
    holder: (id) => `Argo CD application ${id.split(":")[0]}`,
    source: "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/",
  },
  {
    key: "argocd.argoproj.io/instance",
    holder: (name) => `Argo CD application ${name}`,
    source: "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/",
  },
  {
    key: "objectset.rio.cattle.io/owner-name",
    holder: (name) => `k3s or Rancher (${name})`,
    source: "https://docs.k3s.io/installation/packaged-components",
  },
  {
    key: "components.gke.io/component-name",
    holder: (name) => `GKE (${name})`,
    source: "https://cloud.google.com/kubernetes-engine/docs/how-to/deploying-gateways",
  },
  {
    key: "addonmanager.kubernetes.io/mode",
    holder: () => "the cluster's add-on manager",
    source: "https://github.com/kubernetes/kubernetes/tree/master/cluster/addons/addon-manager",
  },
  {
    key: "doks.digitalocean.com/managed",
    holder: () => "DigitalOcean",
    source: "https://docs.digitalocean.com/products/kubernetes/",
  },
];

/** Whether an object is the edge's own of whom the label tells, made by this run or an earlier one. */
export const isOwn = ({ labels }: Metadata, owner: string): boolean => labels?.[stackLabel] === owner;

/** Whether Helm made an object for a release. */
export const isOfRelease = (
  { annotations }: Metadata,
  { name, namespace }: { name: string; namespace: string },
): boolean => annotations?.[releaseName] === name && annotations[releaseNamespace] === namespace;

/** The holder by its marks, or undefined when there is none: then only a person's tool may have made the object. */
export const markedHolder = (metadata: Metadata): string | undefined => {
  const all = { ...metadata.annotations, ...metadata.labels };
  for (const { key, holder } of marks) {
    const value = all[key];
    if (value) return holder(value, metadata);
  }
  return undefined;
};

/** Whose an object is, in words; without a mark by the tool that wrote it, and not by the controller that reports on it. */
export const holderOf = (metadata: Metadata): string => {
  const manager = metadata.managedFields?.find(({ manager: name, subresource }) => name && !subresource)?.manager;
  return (
    markedHolder(metadata) ??
    metadata.labels?.["app.kubernetes.io/managed-by"] ??
    (manager ? `whoever made it with ${manager}` : "nobody known")
  );
};
