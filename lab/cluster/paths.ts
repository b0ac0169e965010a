/** The cluster's own directories and files, below the run directory. */
import { join } from "node:path";
import { type Node, run } from "../layout";

export const pki = join(run, "pki");
export const etcd = join(run, "etcd");

/** Of what is outside the cluster: its view of the machine's directories. */
export const outsideRoot = join(run, "outside");

/** Everything that a node writes; what is in it goes with the node. */
export const rootOf = ({ name }: Node): string => join(run, "nodes", name);

/** The command that enters a node, for those in the lab. */
export const entryOf = (node: Node): string => join(rootOf(node), "enter");

/** A kubeconfig of one of the cluster's users. */
export const kubeconfigOf = (user: string): string => join(run, `${user}.kubeconfig`);
