/** Control groups of the lab: one for the pods, which the kubelet fills, and one for the daemons. Version 1 and version 2. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { namespaces } from "../layout";

const mount = "/sys/fs/cgroup";

/** Root of the lab in each hierarchy, as the kubelet is told it. */
export const cgroupRoot = `/${namespaces.node}`;

const unified = (): boolean => existsSync(join(mount, "cgroup.controllers"));

/** Where each hierarchy is mounted; version 2 has but one, and version 1 may have several names for one. */
const hierarchies = (): string[] => {
  if (unified()) return [mount];
  const paths = readdirSync(mount).map((name) => realpathSync(join(mount, name)));
  return [...new Set(paths)].filter((path) => existsSync(join(path, "cgroup.procs")));
};

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

/** Processes in the lab's groups, pods' included. */
export const processesInCgroups = (): number[] =>
  groups().flatMap(function inside(path): number[] {
    const own = readFileSync(join(path, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
    return [...own, ...subgroups(path).flatMap(inside)];
  });

/** The lab's group in each hierarchy that has one. */
export const groups = (): string[] =>
  hierarchies()
    .map((hierarchy) => join(hierarchy, namespaces.node))
    .filter((path) => existsSync(path));

const subgroups = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name));

/** Removes the lab's groups from every hierarchy; returns those that are still in use. */
export const removeCgroups = (): string[] => groups().filter((path) => !removeTree(path));

const removeTree = (path: string): boolean => {
  if (!subgroups(path).every(removeTree)) return false;
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false; // a process is still ending in it
  }
};
