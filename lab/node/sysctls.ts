/** Settings of the whole machine that the kubelet changes; kept by up, put back by down. */
import { readFileSync, writeFileSync } from "node:fs";

const kept = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
  "fs/inotify/max_user_instances",
];
const file = (name: string): string => `/proc/sys/${name}`;

/** Value of each setting by its name. */
export type Sysctls = Record<string, string>;

/** The values as they are. */
export const readSysctls = (): Sysctls =>
  Object.fromEntries(kept.map((name) => [name, readFileSync(file(name), "utf8").trim()]));

/** Writes the values that differ. */
export const writeSysctls = (values: Sysctls): void => {
  for (const [name, value] of Object.entries(values)) {
    if (readFileSync(file(name), "utf8").trim() !== value) writeFileSync(file(name), value);
  }
};

/** Every watcher of files needs an instance, and a cluster has many. */
export const enoughWatchers: Sysctls = { "fs/inotify/max_user_instances": "8192" };
