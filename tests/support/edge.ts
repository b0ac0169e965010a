/** A whole edge against the mocks, with CRD files that need no network. */
import { HttpsEdge, type HttpsEdgeArgs } from "../../components";
import { versionSets } from "../../components/rules/versions";
import { kubeconfig } from "./cluster";
import { crdFiles } from "./crdFiles";
import { type Deployment, deploy, type World } from "./deploy";

/** Paths to CRD files of the newest versions. */
export const crds = crdFiles(versionSets.current);

/** No test asks the addresses that the mocks tell. */
const serving = { reachable: false };

/** The edge that `deployEdge` made last. */
export let edge: HttpsEdge;

/** Deploys the smallest edge, of example.com, with `args` over it. */
export const deployEdge = async (args: Partial<HttpsEdgeArgs> = {}, world: World = {}): Promise<Deployment> => {
  const cluster = { kubeconfig: await kubeconfig() };
  return deploy(() => {
    edge = new HttpsEdge("edge", { domains: [{ name: "example.com" }], cluster, crds, serving, ...args });
  }, world);
};
