/** The node's own directories and files, below the run directory. */
import { join } from "node:path";
import { run } from "../layout";

/** Name of the cluster's one node. */
export const nodeName = "edge";

export const root = join(run, "node");
export const pki = join(run, "pki");
export const ready = join(root, "ready");
export const resolvConf = join(root, "etc", "resolv.conf");
export const hostsFile = join(root, "etc", "hosts");

/** Directories that must be there before the node starts. */
export const directories = [
  ...["run", "varlog", "varlib", "varlib.work", "etc", "cgroup", "etcd", "containerd", "kubelet", "cni"].map((name) =>
    join(root, name),
  ),
  pki,
];

/** A configuration file of the node. */
export const configuration = (name: string): string => join(root, name);

/** A kubeconfig of one of the cluster's users. */
export const kubeconfigOf = (user: string): string => join(run, `${user}.kubeconfig`);
