/** Control groups of the lab: one for the pods, which the kubelet fills, and one for the daemons. Version 1 and version 2. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { namespaces } from "../place";

const mount = "/sys/fs/cgroup";

/** Root of the lab in each hierarchy, as the kubelet is told it. */
export const cgroupRoot = `/${namespaces.node}`;

const unified = (): boolean => existsSync(join(mount, "cgroup.controllers"));

/** Where each hierarchy is mounted; version 2 has but one. */
const hierarchies = (): string[] =>
  unified()
    ? [mount]
    : readdirSync(mount)
        .map((name) => join(mount, name))
        .filter((path) => existsSync(join(path, "cgroup.procs")));

/** Makes the lab's groups in every hierarchy. */
export const makeCgroups = (): void => {
  if (unified()) delegate(mount);
  for (const hierarchy of hierarchies()) {
    for (const group of [namespaces.node, join(namespaces.node, "system")]) {
      const path = join(hierarchy, group);
      mkdirSync(path, { recursive: true });
      // Version 1: a group without processors and memory nodes takes no process.
      for (const file of unified() ? [] : ["cpuset.cpus", "cpuset.mems"]) {
        if (existsSync(join(path, file))) writeFileSync(join(path, file), readFileSync(join(hierarchy, file)));
      }
    }
  }
  if (unified()) delegate(join(mount, namespaces.node));
};

/** Version 2: hands a group's controllers on to the groups below it. */
const delegate = (group: string): void => {
  const controllers = readFileSync(join(group, "cgroup.controllers"), "utf8").trim().split(" ").filter(Boolean);
  writeFileSync(join(group, "cgroup.subtree_control"), controllers.map((name) => `+${name}`).join(" "));
};

/** Moves this process, and with it all that it will start, into the daemons' group. */
export const joinCgroups = (): void => {
  for (const hierarchy of hierarchies()) writeFileSync(join(hierarchy, namespaces.node, "system", "cgroup.procs"), "0");
};

/** Removes the lab's groups from every hierarchy; returns those that are still in use. */
export const removeCgroups = (): string[] =>
  hierarchies()
    .map((hierarchy) => join(hierarchy, namespaces.node))
    .filter((path) => existsSync(path) && !removeTree(path));

const removeTree = (path: string): boolean => {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory() && !removeTree(join(path, entry.name))) return false;
  }
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false; // a process is still ending in it
  }
};
