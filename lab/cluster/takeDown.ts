/** Ends a lab, whole or in pieces, and leaves nothing of it. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { group, namespace, run } from "../layout";
import { output } from "../tools/process";
import { endEach } from "../tools/processes";
import { until } from "../tools/until";
import { endProcessesIn, present, removeGroup } from "./cgroups";
import { hasNetwork, removeNetwork } from "./network";
import { liveInit, readRecord } from "./record";
import { restoreWatchers } from "./watchers";

/**
 * Ends PID 1 of the lab, and with it every process and mount, the nodes' included; then whatever else runs in the control groups or in the
 * network, the groups, the network and the files. Works on any remains, whoever left them.
 */
export const takeDown = async (): Promise<void> => {
  const init = liveInit(readRecord());
  if (init) process.kill(init, "SIGKILL");
  await endProcessesIn(group);
  await until("end of the processes in the lab's network", async () => endEach(await processesInNetwork()), {
    every: 20,
  });
  await removeGroup(group);
  await removeNetwork();
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(` ${run}/`) || line.includes(` ${run} `));
  if (mounts.length > 0) throw new Error(`nothing may be mounted below ${run}, got:\n${mounts.join("\n")}`);
  rmSync(run, { recursive: true, force: true });
  restoreWatchers();
};

/** Tells whether anything of a lab is there, running or not. */
export const hasRemains = async (): Promise<boolean> =>
  existsSync(run) || present(group).length > 0 || (await hasNetwork());

const processesInNetwork = async (): Promise<number[]> =>
  (await hasNetwork())
    ? (await output(["ip", "netns", "pids", namespace])).split("\n").filter(Boolean).map(Number)
    : [];
