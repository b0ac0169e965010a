/** Ends a lab, whole or in pieces, and leaves nothing of it. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { namespaces, run } from "../layout";
import { output } from "../tools/process";
import { until } from "../tools/until";
import { groups, processesInCgroups, removeCgroups } from "./cgroups";
import { removeNetwork } from "./network";
import { liveInit, readRecord } from "./record";
import { restoreWatchers } from "./watchers";

/**
 * Ends PID 1 of the node, and with it every process and mount; then whatever else runs in the lab's network, the control groups, the network
 * and the files. Works on any remains, whoever left them.
 */
export const takeDown = async (): Promise<void> => {
  const record = readRecord();
  const init = liveInit(record);
  if (init) process.kill(init, "SIGKILL");
  await until(
    "end of the lab's processes",
    async () => {
      const inNetwork = await Promise.all(Object.values(namespaces).map(processesIn));
      const left = [...inNetwork.flat(), ...processesInCgroups()];
      for (const pid of left) kill(pid);
      return left.length === 0;
    },
    { every: 20 },
  );
  await until("end of the lab's control groups", async () => removeCgroups().length === 0, { seconds: 20, every: 50 });
  await removeNetwork();
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(` ${run}/`) || line.includes(` ${run} `));
  if (mounts.length > 0) throw new Error(`nothing may be mounted below ${run}, got:\n${mounts.join("\n")}`);
  rmSync(run, { recursive: true, force: true });
  restoreWatchers();
};

/** Tells whether anything of a lab is there, running or not. */
export const hasRemains = async (): Promise<boolean> => {
  const present = (await output(["ip", "netns", "list"])).split(/\s/);
  return existsSync(run) || groups().length > 0 || Object.values(namespaces).some((name) => present.includes(name));
};

const processesIn = async (namespace: string): Promise<number[]> => {
  if (!existsSync(`/run/netns/${namespace}`)) return [];
  return (await output(["ip", "netns", "pids", namespace])).split("\n").filter(Boolean).map(Number);
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has just ended by itself
  }
};
