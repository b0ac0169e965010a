/** What there is of the lab. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { escapes } from "../node/network";
import { liveInit, readRecord } from "../node/record";
import { outsides } from "../outside";
import { controlUrl } from "../outside/cloudflare/ports";
import { namespaces, network } from "../place";
import { output } from "../programs/command";
import { runner } from "./up";

/** The lab as a script would want it. */
export interface Status {
  up: boolean;
  since?: string;
  clone?: string;
  /** Node and pods that are ready, of all. */
  pods?: { ready: number; all: number };
  /** Addresses given to Services of type LoadBalancer. */
  balancers?: string[];
  /** Packets that tried to leave the lab. */
  escapes?: number;
  /** Memory of all its processes, in MiB. */
  memory?: number;
}

/** Looks at the lab. */
export const status = async (): Promise<Status> => {
  const record = readRecord();
  if (!record?.since || !liveInit(record)) return { up: false, clone: record?.clone };
  const pods = await inLab(
    "kubectl",
    "get",
    "pods",
    "-A",
    "-o",
    "jsonpath={range .items[*]}{.status.conditions[?(@.type=='Ready')].status} {end}",
  );
  const states = pods.trim().split(" ").filter(Boolean);
  const services = await inLab(
    "kubectl",
    "get",
    "services",
    "-A",
    "-o",
    "jsonpath={range .items[*]}{.status.loadBalancer.ingress[*].ip} {end}",
  );
  return {
    up: true,
    since: record.since,
    clone: record.clone,
    pods: { ready: states.filter((state) => state === "True").length, all: states.length },
    balancers: services.trim().split(/\s+/).filter(Boolean),
    escapes: await escapes(),
    memory: await memory(),
  };
};

/** The same for people. */
export const describe = (found: Status): string =>
  found.up
    ? [
        `up since ${found.since}, from ${found.clone}`,
        `pods       ${found.pods?.ready} of ${found.pods?.all} ready`,
        `balancers  ${found.balancers?.join(", ") || "none yet"}`,
        `outside    ${outsides.length} groups of services at ${network.front}; Cloudflare's records and tokens: lab/lab run curl -s ${controlUrl}/state`,
        `escapes    ${found.escapes} packets tried to leave`,
        `memory     ${found.memory} MiB`,
      ].join("\n")
    : `down${found.clone ? ` (something of a lab from ${found.clone} is left; lab/lab down clears it)` : ""}`;

const inLab = (...command: string[]): Promise<string> => output([runner, ...command]);

const memory = async (): Promise<number> => {
  const pids = new Set<string>();
  const namespace = (await output(["readlink", `/proc/${liveInit(readRecord())}/ns/pid`])).trim();
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    if ((await output(["readlink", `/proc/${pid}/ns/pid`]).catch(() => "")).trim() === namespace) pids.add(pid);
  }
  for (const name of Object.values(namespaces))
    for (const pid of (await output(["ip", "netns", "pids", name])).split("\n").filter(Boolean)) pids.add(pid);
  let kib = 0;
  for (const pid of pids) {
    try {
      const rollup = readFileSync(join("/proc", pid, "smaps_rollup"), "utf8");
      kib += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    } catch {
      // it has ended meanwhile
    }
  }
  return Math.round(kib / 1024);
};
