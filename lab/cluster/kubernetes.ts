/** Brings up Kubernetes on its nodes. Runs inside the lab. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Node, network, nodes } from "../layout";
import type { Assembly } from "../programs/assembly";
import { startControlPlane } from "./controlPlane";
import { condition, kubectl } from "./kubectl";
import { forget, joinCluster, startContainerd } from "./node";

type Step = (what: string) => void;

/** Starts everything, and tells each step when it is done. Complete when all nodes are Ready and the cluster's DNS answers. */
export const startKubernetes = async ({ images, imageStore }: Assembly, step: Step): Promise<void> => {
  const controlPlane = startControlPlane().then(() => step("API server"));
  const start = async (node: Node) => {
    await Promise.all([startContainerd(node, imageStore), controlPlane]);
    await joinCluster(node);
    step(`${node.name} Ready`);
  };
  const dns = controlPlane.then(() => kubectl(["apply", "-f", "-"], { input: [clusterDns(images)] }));
  await Promise.all([...nodes.map(start), dns]);
  await condition("cluster DNS", ["deployment", "coredns", "-n", "kube-system"], "Available");
  step("cluster DNS");
};

/** Starts a node anew on a machine that knows nothing of the one before. */
export const restartNode = async (node: Node, { imageStore }: Assembly, step: Step): Promise<void> => {
  await Promise.all([forget(node), startContainerd(node, imageStore)]);
  await joinCluster(node);
  step(`${node.name} Ready`);
};

const clusterDns = (images: Assembly["images"]): string => {
  const image = images.flatMap(({ names }) => names).find((name) => name.includes("coredns"));
  if (!image) throw new Error("the images must hold CoreDNS");
  return readFileSync(join(__dirname, "coredns.yaml"), "utf8")
    .replaceAll("@DNS_IP@", network.clusterDns)
    .replaceAll("@UPSTREAM@", network.dns)
    .replaceAll("@NODE@", nodes[0].name)
    .replaceAll("@COREDNS@", image);
};
