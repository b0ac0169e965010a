/** What runs of an edge, as a bill of materials: https://cyclonedx.org/docs/1.6/json/ */
import { createHash } from "node:crypto";
import { product } from "../components/rules/names";
import type { Connection } from "../components/standing/connection";
import { answered, type ChosenOptions, chosenEdges } from "./chosen";
import { gatewayCrds } from "./doctor/cluster";
import { exitCodes } from "./exit";
import { items } from "./snapshot";
import type { StandingEdge } from "./standingEdge";

interface Pod {
  status?: { containerStatuses?: { image: string; imageID: string }[] };
}

/** https://cyclonedx.org/docs/1.6/json/#components */
interface Component {
  type: "container" | "application";
  "bom-ref": string;
  name: string;
  version: string;
  purl: string;
  hashes?: { alg: "SHA-256"; content: string }[];
}

/** Prints it, and returns the exit code. */
export const sbom = async (options: ChosenOptions): Promise<number> => {
  const all = await chosenEdges(options, console.error);
  const found = await answered(() => Promise.all(all.map(({ cluster, edge }) => componentsOf(cluster, edge))));
  const components = [...new Map(found.flat().map((each) => [each["bom-ref"], each])).values()];
  const gateways = all.map(({ edge: { gateway } }) => `${gateway.metadata.namespace}/${gateway.metadata.name}`);
  const digest = createHash("sha256")
    .update(JSON.stringify([gateways, components]))
    .digest("hex");
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    // The same for the same content, so that a change of it is a change of what runs.
    serialNumber: `urn:uuid:${digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, "$1-$2-5$3-8$4-$5")}`,
    version: 1,
    metadata: { component: { type: "platform", name: `HTTPS edge ${gateways.join(", ")}` } },
    components: components.sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1)),
  };
  console.log(JSON.stringify(bom, undefined, 2));
  return exitCodes.done;
};

const componentsOf = async (cluster: Connection, { gateway, controllers }: StandingEdge): Promise<Component[]> => {
  const { name, namespace } = gateway.metadata;
  const owner = "gateway.envoyproxy.io/owning-gateway";
  const selectors = [
    "app.kubernetes.io/name in (cert-manager,cainjector,webhook),helm.sh/chart",
    "control-plane=envoy-gateway",
    `${owner}-name=${name},${owner}-namespace=${namespace}`,
    `app.kubernetes.io/part-of=${product}`,
  ];
  const [crds, ...pods] = await Promise.all([
    gatewayCrds(cluster),
    ...selectors.map((each) => items<Pod>(cluster, `/api/v1/pods?labelSelector=${encodeURIComponent(each)}`)),
  ]);
  const bundles = crds.flatMap(({ annotations = {} }) => annotations["gateway.networking.k8s.io/bundle-version"] ?? []);
  return [
    ...pods.flat().flatMap(({ status }) => (status?.containerStatuses ?? []).map(imageOf)),
    ...[...controllers.certManager, ...controllers.envoyGateway].flatMap(({ metadata }) =>
      chartOf(metadata.labels?.["helm.sh/chart"]),
    ),
    ...bundles.map((version) =>
      application("gateway-api", version, `pkg:github/kubernetes-sigs/gateway-api@${version}`),
    ),
  ];
};

const application = (name: string, version: string, purl: string): Component => ({
  type: "application",
  "bom-ref": purl,
  name,
  version,
  purl,
});

/** A chart by its label, such as `cert-manager-v1.21.2`. */
const chartOf = (label: string | undefined): Component[] => {
  const [, name, version] = /^(.+)-(v?\d+\..*)$/.exec(label ?? "") ?? [];
  return name && version ? [application(name, version, `pkg:helm/${name}@${version}`)] : [];
};

/** An image by its name and by the digest of what the node runs; https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md */
const imageOf = ({ image, imageID }: { image: string; imageID: string }): Component => {
  const [, repository = image, tag] = /^(.+?)(?::([^/:@]+))?(?:@sha256:[0-9a-f]+)?$/.exec(image) ?? [];
  const [digest = ""] = /sha256:[0-9a-f]{64}$/.exec(imageID) ?? [];
  const name = repository.split("/").pop() ?? "";
  const qualifiers = [`repository_url=${encodeURIComponent(repository)}`, ...(tag ? [`tag=${tag}`] : [])];
  const purl = `pkg:oci/${name}${digest && `@${encodeURIComponent(digest)}`}?${qualifiers.join("&")}`;
  return {
    type: "container",
    "bom-ref": purl,
    name: repository,
    version: tag ?? digest,
    purl,
    ...(digest && { hashes: [{ alg: "SHA-256", content: digest.replace("sha256:", "") }] }),
  };
};
