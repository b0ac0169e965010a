/** Brings up the one-node Kubernetes. Runs inside the lab, from where the node's network is that of PID 1. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kubeconfig, log, network, run } from "../layout";
import type { Image } from "../programs/images";
import { output, startDaemon } from "../tools/process";
import { until } from "../tools/until";
import { writeConfigurations } from "./configurations";
import { apiServer, type Daemon, first, rest } from "./daemons";
import { nodeName, pki } from "./paths";

const kubectl = ["kubectl", `--kubeconfig=${kubeconfig}`];
const ctr = ["ctr", "--namespace", "k8s.io"];

/** Images without which no pod starts and no name resolves. */
const urgent = /pause|coredns/;

/** Starts everything, and tells each step when it is done. Complete when the cluster's DNS answers and all images are there. */
export const startKubernetes = async (images: Image[], step: (what: string) => void): Promise<void> => {
  writeConfigurations();
  first.forEach(start);
  await output([join(__dirname, "pki.sh"), pki, run, nodeName, network.node, network.apiService]);
  start(apiServer);

  const containerd = until("containerd", () => output([...ctr, "version"]), { every: 50 });
  const imported = containerd.then(async () => {
    const sorted = [...images].sort(
      (a, b) => Number(urgent.test(b.names[0] ?? "")) - Number(urgent.test(a.names[0] ?? "")),
    );
    for (const { archive } of sorted) await output([...ctr, "images", "import", "--digests=false", archive]);
    step(`${images.length} images`);
  });

  await until(
    `API server (see ${join(log, "kube-apiserver.log")})`,
    () => output([...kubectl, "get", "--raw", "/readyz"]),
    {
      every: 50,
      seconds: 120,
    },
  );
  step("API server");
  rest.forEach(start);
  await output([...kubectl, "apply", "-f", "-"], { input: [clusterDns(coreDnsImage(images))] });
  await Promise.all([imported, waitFor("node Ready", ["node", nodeName], "Ready").then(() => step("node Ready"))]);
  await waitFor("cluster DNS", ["deployment", "coredns", "-n", "kube-system"], "Available");
  step("cluster DNS");
};

const start = ({ name, command }: Daemon): void => {
  startDaemon(join(log, `${name}.log`), ["nsenter", "--net=/proc/1/ns/net", ...command]);
};

const waitFor = (what: string, object: string[], condition: string): Promise<unknown> =>
  until(what, () => output([...kubectl, "wait", ...object, `--for=condition=${condition}`, "--timeout=5s"]), {
    seconds: 120,
    every: 100,
  });

const coreDnsImage = (images: Image[]): string => {
  const image = images.flatMap(({ names }) => names).find((name) => name.includes("coredns"));
  if (!image) throw new Error("the images must hold CoreDNS");
  return image;
};

const clusterDns = (image: string): string =>
  readFileSync(join(__dirname, "coredns.yaml"), "utf8")
    .replaceAll("@DNS_IP@", network.clusterDns)
    .replaceAll("@UPSTREAM@", network.dns)
    .replaceAll("@COREDNS@", image);
