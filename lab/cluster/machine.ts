/** What a node runs on: control groups, namespaces, a cable. Made, looked at and cleared from outside the lab. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Node } from "../layout";
import { daemonGroup, doors, endProcessesIn, makeGroup, nodeGroup, processesIn, removeGroup } from "./cgroups";
import { enter, holdNode, type Init, pidInLab } from "./namespaces";
import { connect, disconnect } from "./network";
import { entryOf, rootOf } from "./paths";

/** Programs without which a node is none. */
const daemons = ["containerd", "kubelet", "kube-proxy"];

/** Makes the machine of a node in the lab, and the command that enters it. */
export const makeMachine = async (node: Node, lab: Init, pause: string): Promise<void> => {
  const group = daemonGroup(node);
  makeGroup(group);
  const init = await holdNode(lab, { root: rootOf(node), group, pause });
  await connect(node, init);
  const entry = [
    "#!/usr/bin/env bash",
    `for door in ${doors(group).join(" ")}; do echo 0 > "$door"; done`,
    `exec ${enter(pidInLab(init)).join(" ")} "$@"`,
  ];
  writeFileSync(entryOf(node), `${entry.join("\n")}\n`, { mode: 0o755 });
};

/** Tells whether a node lacks any of its daemons, as after a power cut. */
export const isLost = (node: Node): boolean => {
  const running = processesIn(daemonGroup(node)).map(programOf);
  return !daemons.every((daemon) => running.includes(daemon));
};

const programOf = (pid: number): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return undefined; // it has ended meanwhile
  }
};

/** Takes away whatever is left of a node's machine. */
export const clearMachine = async (node: Node): Promise<void> => {
  await endProcessesIn(nodeGroup(node));
  await removeGroup(nodeGroup(node));
  await disconnect(node);
  rmSync(rootOf(node), { recursive: true, force: true });
};
