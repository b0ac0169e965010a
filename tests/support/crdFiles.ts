/** CRD files as the releases publish them, with one line of schema in place of thousands. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump } from "js-yaml";
import type { CrdsArgs } from "../../components";
import {
  envoyGatewayFile,
  gatewayApiFile,
  hasSafeUpgradePolicy,
  type VersionSet,
} from "../../components/rules/versions";

const folder = mkdtempSync(join(tmpdir(), "https-edge-crds-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** A CRD of a release. */
export const crd = (group: string, plural: string, annotations?: Record<string, string>) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}`, annotations },
  spec: { group, names: { plural }, versions: [{ name: "v1", schema: { description: "Prose." } }] },
});

/** What a part makes of `crd`'s spec. */
export const crdSpec = (group: string, plural: string) => ({
  group,
  names: { plural },
  versions: [{ name: "v1", schema: {} }],
});

const policyName = "safe-upgrades.gateway.networking.k8s.io";

/** The Gateway API's standard-install.yaml. */
export const gatewayApiManifests = (versions: VersionSet): object[] => {
  const { group, plurals } = gatewayApiFile(versions);
  const annotations = { [`${group}/channel`]: "standard", [`${group}/bundle-version`]: `v${versions.gatewayApi}` };
  const crds = plurals.map((plural) => crd(group, plural, annotations));
  const policies = [
    { kind: "ValidatingAdmissionPolicy", metadata: { name: policyName, annotations }, spec: { failurePolicy: "Fail" } },
    {
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: policyName, annotations },
      spec: { policyName, validationActions: ["Deny"] },
    },
  ];
  return hasSafeUpgradePolicy(versions) ? [...crds, ...policies] : crds;
};

/** Envoy Gateway's own CRDs. */
export const envoyGatewayManifests = (versions: VersionSet): object[] => {
  const { group, plurals } = envoyGatewayFile(versions);
  return plurals.map((plural) => crd(group, plural));
};

/** The text of a file that holds the manifests. */
export const yaml = (manifests: object[]): string =>
  manifests.map((manifest) => dump(manifest, { skipInvalid: true })).join("---\n");

let files = 0;

/** Path of a file that holds the text. */
export const written = (text: string): string => {
  const path = join(folder, `${++files}.yaml`);
  writeFileSync(path, text);
  return path;
};

/** Paths of both files of a version set. */
export const crdFiles = (versions: VersionSet): Required<Omit<CrdsArgs, "existing">> => ({
  gatewayApi: written(yaml(gatewayApiManifests(versions))),
  envoyGateway: written(yaml(envoyGatewayManifests(versions))),
});
