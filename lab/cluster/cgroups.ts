/**
 * Control groups of the lab, below one of its own in every hierarchy: one for what is outside the cluster, and for each node one with its
 * daemons beside its pods, which the kubelet fills. Version 1 and version 2.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { group, type Node } from "../layout";
import { endEach } from "../tools/processes";
import { until } from "../tools/until";

const mount = "/sys/fs/cgroup";

/** A group by its path, the same in every hierarchy. */
export const outsideGroup = join(group, "outside");
export const nodeGroup = ({ name }: Node): string => join(group, name);
export const daemonGroup = (node: Node): string => join(nodeGroup(node), "system");

const unified = (): boolean => existsSync(join(mount, "cgroup.controllers"));

/** Where each hierarchy is mounted; version 2 has but one, and version 1 may have several names for one. */
const hierarchies = (): string[] => {
  if (unified()) return [mount];
  const paths = readdirSync(mount).map((name) => realpathSync(join(mount, name)));
  return [...new Set(paths)].filter((path) => existsSync(join(path, "cgroup.procs")));
};

/**
 * Version 1: a lab's share of the processors, where each process outside of all groups has 1024. With no more than one of those, two
 * clusters would starve beside ten busy programs, and lose their leases.
 */
const labShares = "8192";

/** Makes a group and those above it. */
export const makeGroup = (path: string): void => {
  const above = dirname(path);
  if (above !== ".") makeGroup(above);
  for (const hierarchy of hierarchies()) {
    if (unified()) delegate(join(hierarchy, above));
    if (existsSync(join(hierarchy, path))) continue;
    mkdirSync(join(hierarchy, path));
    // Version 1: a group without processors and memory nodes takes no process.
    for (const file of unified() ? [] : ["cpuset.cpus", "cpuset.mems"]) {
      const given = join(hierarchy, above, file);
      if (existsSync(given)) writeFileSync(join(hierarchy, path, file), readFileSync(given));
    }
    const shares = join(hierarchy, path, "cpu.shares");
    if (above === "." && existsSync(shares)) writeFileSync(shares, labShares);
  }
};

/** Version 2: hands a group's controllers on to the groups below it. */
const delegate = (path: string): void => {
  const controllers = readFileSync(join(path, "cgroup.controllers"), "utf8").trim().split(" ").filter(Boolean);
  writeFileSync(join(path, "cgroup.subtree_control"), controllers.map((name) => `+${name}`).join(" "));
};

/** The files to which a process writes 0 to move itself, and with it all that it will start, into a group. */
export const doors = (path: string): string[] => present(path).map((directory) => join(directory, "cgroup.procs"));

/** Moves this process into a group. */
export const joinGroup = (path: string): void => {
  for (const door of doors(path)) writeFileSync(door, "0");
};

/** Processes in a group and in those below it. */
export const processesIn = (path: string): number[] => {
  const found = present(path).flatMap(function inside(directory): number[] {
    const own = readFileSync(join(directory, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
    return [...own, ...below(directory).flatMap(inside)];
  });
  return [...new Set(found)];
};

/** Where a group is, in each hierarchy that has it. */
export const present = (path: string): string[] =>
  hierarchies()
    .map((hierarchy) => join(hierarchy, path))
    .filter((directory) => existsSync(directory));

const below = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(directory, entry.name));

/** Ends every process in a group and in those below it. */
export const endProcessesIn = (path: string): Promise<unknown> =>
  until(`end of the processes in ${path}`, async () => endEach(processesIn(path)), { every: 20 });

/** Removes a group and those below it, from which the last process may still be going. */
export const removeGroup = (path: string): Promise<unknown> => {
  const removed = async () => present(path).filter((directory) => !removeTree(directory)).length === 0;
  return until(`end of the control group ${path}`, removed, { every: 50 });
};

const removeTree = (directory: string): boolean => {
  if (!below(directory).every(removeTree)) return false;
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false; // a process is still ending in it
  }
};
