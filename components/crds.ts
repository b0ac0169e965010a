/** The CustomResourceDefinitions of the Gateway API and of Envoy Gateway, and the policy that guards their upgrades. */
import * as kubernetes from "@pulumi/kubernetes";
import type { input as inputs } from "@pulumi/kubernetes/types";
import * as pulumi from "@pulumi/pulumi";
import { loadAll } from "js-yaml";
import { z } from "zod";
import { takenOver, waitFor } from "./resources/customResources";
import { readText } from "./resources/download";
import { edgeError } from "./resources/error";
import type { Preflight } from "./resources/preflight";
import { checkLocation } from "./rules/checks";
import { labels } from "./rules/names";
import { text } from "./rules/problems";
import {
  type CrdFile,
  envoyGatewayFile,
  gatewayApiFile,
  hasSafeUpgradePolicy,
  safeUpgradePolicyName,
  type VersionSet,
} from "./rules/versions";
import type { Wanted } from "./standing/read";

/** Where the CRDs are read from, if not from their releases. */
export interface CrdsArgs {
  /**
   * A copy of the Gateway API's standard-install.yaml: an https address or a path.
   * @default - the file of the pinned release
   */
  gatewayApi?: string;
  /**
   * A copy of Envoy Gateway's envoy-gateway-crds.yaml: an https address or a path.
   * @default - the file of the pinned release
   */
  envoyGateway?: string;
  /**
   * Uses the CRDs of both as they stand, managed by somebody else. They must be enough for the chosen versions.
   * @default false
   */
  existing?: boolean;
}

/** The setting `crds`. */
export const crdsSetting = z.strictObject({
  gatewayApi: text(checkLocation).optional(),
  envoyGateway: text(checkLocation).optional(),
  existing: z.boolean().optional(),
} satisfies { [K in keyof Required<CrdsArgs>]: z.ZodType });

/** What `crds` makes in the cluster, whether or not it is there yet. Several edges share it, and it outlives them all. */
export const sharedObjects = (versions: VersionSet): Wanted[] => {
  const policy = safeUpgradePolicy(versions);
  return [
    ...[gatewayApiFile(versions), envoyGatewayFile(versions)].flatMap(({ group, plurals }) =>
      plurals.map((plural) => ({ kind: "CustomResourceDefinition", name: `${plural}.${group}`, shared: true })),
    ),
    ...(policy
      ? ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
          kind,
          name: policy,
          shared: true,
        }))
      : []),
  ];
};

const safeUpgradePolicy = (versions: VersionSet): string | undefined =>
  hasSafeUpgradePolicy(versions) ? safeUpgradePolicyName : undefined;

/** A document of a CRD file; what its spec is, its kind says. */
interface Manifest<Spec = unknown> {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec: Spec;
}

/**
 * The Gateway API in its standard channel and Envoy Gateway's own CRDs, one resource each, so that a preview shows each.
 * They are kept when the edge is destroyed: deleting a CRD deletes every object of its kind in the cluster, whoever made it.
 *
 * Errors: `crds.… must …` when a file cannot be read or is not the one that the pinned version publishes.
 */
export class Crds extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: CrdsArgs & { versions: VersionSet; preflight: Preflight },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:Crds", name, {}, opts);
    const { versions, preflight } = args;
    if (args.existing) {
      this.registerOutputs({});
      return;
    }
    const policy = safeUpgradePolicy(versions);
    const gatewayApi = preflight.add(
      read("crds.gatewayApi", gatewayApiFile(versions), args.gatewayApi, versions.gatewayApi),
    );
    const envoyGateway = preflight.add(read("crds.envoyGateway", envoyGatewayFile(versions), args.envoyGateway));

    const child = { parent: this, retainOnDelete: true };
    for (const [file, manifests] of [
      [gatewayApiFile(versions), gatewayApi],
      [envoyGatewayFile(versions), envoyGateway],
    ] as const) {
      for (const crd of file.plurals.map((plural) => `${plural}.${file.group}`)) {
        const manifest = manifests.then((all) =>
          find<inputs.apiextensions.v1.CustomResourceDefinitionSpec>(all, "CustomResourceDefinition", crd),
        );
        new kubernetes.apiextensions.v1.CustomResourceDefinition(
          crd,
          {
            metadata: {
              name: crd,
              labels,
              annotations: manifest.then(({ metadata }) => ({
                ...metadata.annotations,
                ...waitFor("condition=Established"),
              })),
            },
            spec: manifest.then(({ spec }) => spec),
          },
          child,
        );
      }
    }

    if (policy) {
      const metadata = (kind: string) => ({
        name: policy,
        labels,
        annotations: gatewayApi.then((all) => ({ ...find(all, kind, policy).metadata.annotations, ...takenOver })),
      });
      const spec = <Spec>(kind: string) => gatewayApi.then((all) => find<Spec>(all, kind, policy).spec);
      const rule = new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy(
        policy,
        { metadata: metadata("ValidatingAdmissionPolicy"), spec: spec("ValidatingAdmissionPolicy") },
        child,
      );
      new kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        policy,
        { metadata: metadata("ValidatingAdmissionPolicyBinding"), spec: spec("ValidatingAdmissionPolicyBinding") },
        { ...child, dependsOn: rule },
      );
    }
    this.registerOutputs({});
  }
}

/**
 * The manifests of a file, or of its mirror, checked for what they must be. Reading starts at once and is shared by all its CRDs.
 * A promise and not an Output: Pulumi would walk the thousands of nodes of each schema in search of Outputs inside.
 */
const read = async (path: string, file: CrdFile, mirror: string | undefined, bundle?: string): Promise<Manifest[]> => {
  const locations = mirror ? [mirror] : file.locations;
  const texts = await Promise.all(locations.map((location) => readText(path, location)));
  const manifests = texts.flatMap((text) => parse(path, text));
  const wrong = checkManifests(manifests, file, bundle);
  if (wrong) throw edgeError(`${path} ${wrong}`);
  return manifests.map(withoutDescriptions);
};

const parse = (path: string, text: string): Manifest[] => {
  try {
    return loadAll(text).filter((document): document is Manifest => document !== null && typeof document === "object");
  } catch (error) {
    throw edgeError(`${path} must be YAML, got ${error instanceof Error ? error.message.split("\n")[0] : error}`);
  }
};

/** What is wrong with the content of a CRD file, or undefined when it holds exactly the CRDs that its version publishes. */
export const checkManifests = (
  manifests: Manifest[],
  { group, plurals }: CrdFile,
  bundle?: string,
): string | undefined => {
  const crds = manifests.filter(({ kind }) => kind === "CustomResourceDefinition");
  const missing = plurals.filter((plural) => !crds.some(({ metadata }) => metadata.name === `${plural}.${group}`));
  if (missing.length > 0)
    return `must hold the CRDs of ${group}, got none for ${missing.join(", ")} (take the file of the pinned version)`;
  const foreign = crds.find(({ metadata }) => !plurals.some((plural) => metadata.name === `${plural}.${group}`));
  if (foreign) return `must hold no other CRDs, got ${foreign.metadata.name} (take the standard channel's file)`;
  if (!bundle) return undefined;
  for (const { metadata } of crds) {
    const { [`${group}/channel`]: channel, [`${group}/bundle-version`]: version } = metadata.annotations ?? {};
    if (channel !== "standard") return `must be of the standard channel, got "${channel}" on ${metadata.name}`;
    if (version !== `v${bundle}`) return `must be of version v${bundle}, got "${version}" on ${metadata.name}`;
  }
  return undefined;
};

const find = <Spec>(manifests: Manifest[], kind: string, name: string): Manifest<Spec> => {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (!found) throw edgeError(`crds.gatewayApi must hold ${kind} ${name} (take the file of the pinned version)`);
  // The API server judges what stands in it.
  return found as Manifest<Spec>;
};

/**
 * The same value without the prose of its schemas. It is 70 % of two megabytes that would otherwise pass through every preview and
 * stand in the state twice; the cluster validates without it, and only `kubectl explain` says less.
 */
export const withoutDescriptions = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(withoutDescriptions) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      // A property that is itself called "description" has a schema for a value, never a string.
      .filter(([key, entry]) => !(key === "description" && typeof entry === "string"))
      .map(([key, entry]) => [key, withoutDescriptions(entry)]),
  ) as T;
};
