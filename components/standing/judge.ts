/** What of all that stands is in the edge's way: pure functions from what was read to a line for each problem. */
import { checkIpFamily, type IpFamily } from "../rules/ipFamilies";
import { type Names, product, releases, stackLabel } from "../rules/names";
import { checkStep, type ProxyProtocolPhase } from "../rules/proxyProtocol";
import { envoyGatewayFile, gatewayApiFile, isAtLeast, isNewer, line, type VersionSet } from "../rules/versions";
import type { Metadata } from "./connection";
import type { Existing } from "./controllers";
import { insufficientControllers } from "./existing";
import { holderOf, isOfRelease, isOwn, markedHolder } from "./holder";
import type { Revision, Standing } from "./read";

/** What the edge means to do. */
export interface Intent {
  names: Names;
  /** Value of the label by which this edge's objects are told from all others. */
  owner: string;
  versions: VersionSet;
  /** Whether the CRDs are used as they stand. */
  existingCrds: boolean;
  existing: Existing;
  /** IP family of the proxies and of their Service, when it is set. */
  ipFamily?: `${IpFamily}`;
  /** Names of PriorityClasses, by the setting that gives them. */
  priorityClasses: Record<string, string>;
  /** CRDs of the Prometheus operator, by the setting that asks for each, and what to do without. */
  monitoringCrds: Record<string, { crd: string; wayOut: string }>;
  /** Phase of PROXY protocol. */
  phase: `${ProxyProtocolPhase}`;
}

/** A line for each thing that is in the way; none when the edge may be put up, changed or finished. */
export const problemsOf = (standing: Standing, intent: Intent): string[] => [
  ...foreignObjects(standing, intent),
  ...(intent.existing.certManager ? [] : foreignCertManager(standing)),
  ...insufficientControllers(standing.controllers, intent),
  ...(intent.existingCrds ? insufficientCrds(standing, intent) : foreignCrds(standing, intent)),
  ...missingIpFamily(standing, intent),
  ...missingPriorityClasses(standing, intent),
  ...missingMonitoringCrds(standing, intent),
  ...skippedPhase(standing, intent),
];

const foreignObjects = ({ objects }: Standing, { owner }: Intent): string[] =>
  objects
    .filter(({ wanted, metadata }) => !wanted.shared && !isOwn(metadata, owner))
    .map(({ wanted: { kind, name, namespace }, metadata }) => {
      const rule = `${kind} ${namespace ? `${namespace}/` : ""}${name} must be absent or this stack's own, got one of ${holderOf(metadata)}`;
      const other = metadata.labels?.[stackLabel];
      return other
        ? `${rule} (this is ${owner}; is it the right cluster, and was the component not renamed? A further edge in one cluster needs a name of its own, and the controllers as they stand: docs/clusters.md)`
        : `${rule} (remove or rename it, or choose another cluster; if it is this stack's, give it the label ${stackLabel}=${owner})`;
    });

/** The CRDs of cert-manager tell of an installation in whatever namespace; an uninstalled one leaves them behind. */
const foreignCertManager = ({ certManagerCrd: crd }: Standing): string[] => {
  if (!crd) return [];
  const { name, namespace } = releases.certManager;
  return isOfRelease(crd, releases.certManager)
    ? []
    : [
        `cert-manager must be absent or installed as Helm release ${namespace}/${name}, got the CRDs of ${holderOf(crd)} (two cert-managers in one cluster undo each other's work; set certManager.existing to use that one, or uninstall it)`,
      ];
};

interface Bundle {
  /** Path of the setting that decides where its CRDs come from. */
  group: string;
  plurals: string[];
  /** Version that the edge would install; Envoy Gateway's CRDs do not tell theirs. */
  version?: string;
}

const bundles = (versions: VersionSet): Bundle[] => [
  { ...gatewayApiFile(versions), version: versions.gatewayApi },
  envoyGatewayFile(versions),
];

const ofBundle = ({ objects }: Standing, { group }: Bundle): Metadata[] =>
  objects.filter(({ wanted }) => wanted.shared && wanted.name.endsWith(`.${group}`)).map(({ metadata }) => metadata);

const versionOf = ({ annotations }: Metadata, group: string): string | undefined =>
  annotations?.[`${group}/bundle-version`]?.replace(/^v/, "");

const channelOf = ({ annotations }: Metadata, group: string): string | undefined => annotations?.[`${group}/channel`];

const wayOut = "set crds.existing to use the CRDs as they stand";

/** One line a bundle, since its CRDs come together. */
const foreignCrds = (standing: Standing, { versions }: Intent): string[] =>
  bundles(versions).flatMap((bundle) => {
    const { group, version } = bundle;
    const found = ofBundle(standing, bundle);
    const say = (metadata: Metadata, got: string, out: string) => [
      `CRD ${metadata.name} must be free to be raised to ${version ? `v${version}, standard channel` : `Envoy Gateway ${versions.envoyGateway}`}, got ${got} (${out})`,
    ];
    const tells = (metadata: Metadata) =>
      [versionOf(metadata, group) && `v${versionOf(metadata, group)}`, channelOf(metadata, group)]
        .filter(Boolean)
        .join(", ");

    const held = found.find((metadata) => !isPartOf(metadata) && markedHolder(metadata));
    if (held) return say(held, `one of ${holderOf(held)} (${tells(held) || "no version"})`, wayOut);
    const experimental = found.find((metadata) => channelOf(metadata, group) === "experimental");
    if (experimental)
      return say(
        experimental,
        `${tells(experimental)}, of ${holderOf(experimental)}`,
        `${wayOut}; the standard channel would take fields away from others`,
      );
    const newer = found.find((metadata) => version && isNewer(versionOf(metadata, group) ?? "", version));
    return newer
      ? [
          `CRD ${newer.name} must be no newer than v${version}, got ${tells(newer)}, of ${holderOf(newer)} (the Gateway API refuses older CRDs: choose versions that go with it, or ${wayOut})`,
        ]
      : [];
  });

const isPartOf = ({ labels }: Metadata): boolean => labels?.["app.kubernetes.io/part-of"] === product;

const insufficientCrds = (standing: Standing, { versions }: Intent): string[] =>
  bundles(versions).flatMap(({ group, plurals, version }) => {
    const found = new Map(standing.objects.map(({ metadata }) => [metadata.name, metadata]));
    const missing = plurals.filter((plural) => !found.has(`${plural}.${group}`));
    if (missing.length > 0)
      return [
        `crds.existing must find every CRD of ${group} that Envoy Gateway ${versions.envoyGateway} needs, got none for ${missing.join(", ")} (install them, or leave crds.existing away)`,
      ];
    const old = plurals
      .map((plural) => found.get(`${plural}.${group}`))
      .find((crd) => crd && version && !isAtLeast(versionOf(crd, group) ?? "0", line(version)));
    return old
      ? [
          `crds.existing must find the Gateway API ${line(version ?? "")} or later, got v${versionOf(old, group) ?? "?"} in ${old.name} (raise it where it is managed, or choose versions that go with it)`,
        ]
      : [];
  });

const missingIpFamily = ({ services }: Standing, { ipFamily }: Intent): string[] => {
  const problem = checkIpFamily(ipFamily, services);
  return problem ? [`gateway.ipFamily ${problem}`] : [];
};

/** No pod of a class that is missing is ever made. */
const missingPriorityClasses = ({ objects }: Standing, { priorityClasses }: Intent): string[] =>
  Object.entries(priorityClasses)
    .filter(([, name]) => !objects.some(({ wanted }) => wanted.kind === "PriorityClass" && wanted.name === name))
    .map(
      ([setting, name]) =>
        `${setting} must name a PriorityClass of the cluster, got "${name}", which it does not have (make it first; kubectl get priorityclasses lists those that are there)`,
    );

/** The edge does not install the operator: whoever runs a Prometheus has it, in a version of their own. */
const missingMonitoringCrds = ({ objects }: Standing, { monitoringCrds }: Intent): string[] =>
  Object.entries(monitoringCrds)
    .filter(([, { crd }]) => !objects.some(({ metadata }) => metadata.name === crd))
    .map(
      ([setting, { crd, wayOut }]) =>
        `${setting} must find the CRD ${crd} in the cluster, got none (install the Prometheus operator first, or ${wayOut})`,
    );

const skippedPhase = ({ proxyProtocol }: Standing, { phase, versions, names }: Intent): string[] => {
  const problem = checkStep(proxyProtocol, phase, versions, names);
  return problem ? [`proxyProtocol.phase ${problem}`] : [];
};

/** Helm revisions of this edge that an interrupted run has left half done, with whom no further install or upgrade begins. */
export const interrupted = ({ revisions, objects }: Standing, { owner }: Intent): Revision[] =>
  revisions.filter(
    ({ status, namespace }) =>
      status.startsWith("pending-") &&
      objects.some(
        ({ wanted, metadata }) => wanted.kind === "Namespace" && wanted.name === namespace && isOwn(metadata, owner),
      ),
  );
