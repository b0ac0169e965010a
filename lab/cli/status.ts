/** The state of the lab. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { escapes } from "../cluster/guard";
import { isLost } from "../cluster/machine";
import { liveInit, readRecord } from "../cluster/record";
import { group, nodes } from "../layout";
import { namesOutside } from "../outside/dns/log";
import { controlUrl } from "../ports";
import { output } from "../tools/process";
import { runner } from "./up";

/** The lab's state for scripts. */
export interface Status {
  up: boolean;
  since?: string;
  clone?: string;
  /** Nodes, and whether each is Ready. */
  nodes?: Record<string, boolean>;
  pods?: { ready: number; all: number };
  /** Addresses given to Services of type LoadBalancer. */
  balancers?: string[];
  /** Services outside the cluster, and whether each answers. */
  services?: Record<string, boolean>;
  /** Packets that tried to leave the lab. */
  escapes?: number;
  /** Names of the real internet that somebody asked for. */
  namesOutside?: string[];
  /** Memory of all its processes, in MiB. */
  memory?: number;
}

/** Reads the state of the lab. */
export const status = async (): Promise<Status> => {
  const record = readRecord();
  const init = liveInit(record);
  if (!record?.since || !init) return { up: false, clone: record?.clone };
  const ready = "{.status.conditions[?(@.type=='Ready')].status}";
  const [states, pods, addresses, services, escaped] = await Promise.all([
    ofEach("nodes", `{.metadata.name}=${ready}`),
    ofEach("pods", ready),
    ofEach("services", "{.status.loadBalancer.ingress[*].ip}"),
    output([runner, process.execPath, "--import", require.resolve("tsx"), join(__dirname, "answering.ts")]),
    escapes(init),
  ]);
  return {
    up: true,
    since: record.since,
    clone: record.clone,
    // The cluster believes in a node for most of a minute after its end.
    nodes: Object.fromEntries(nodes.map((node) => [node.name, states.includes(`${node.name}=True`) && !isLost(node)])),
    pods: { ready: pods.filter((state) => state === "True").length, all: pods.length },
    balancers: addresses,
    services: JSON.parse(services) as Record<string, boolean>,
    escapes: escaped,
    namesOutside: namesOutside(),
    memory: memory(init),
  };
};

/** Describes a state to people. */
export const describe = (found: Status): string => {
  if (!found.up)
    return `down${found.clone ? ` (a lab from ${found.clone} has left something behind; lab/lab down clears it)` : ""}`;
  const told = Object.entries(found.nodes ?? {}).map(([name, ready]) => `${name} ${ready ? "ready" : "not ready"}`);
  const services = Object.entries(found.services ?? {});
  const silent = services.filter(([, answers]) => !answers).map(([name]) => name);
  return [
    `up since ${found.since}, from ${found.clone}`,
    `nodes      ${told.join(", ")}; ${found.pods?.ready} of ${found.pods?.all} pods ready`,
    `services   ${services.length - silent.length} of ${services.length} answer${silent.length > 0 ? `; not ${silent.join(", ")}` : ""}`,
    `balancers  ${found.balancers?.join(", ") || "none yet"}`,
    `escapes    ${found.escapes} packets tried to leave; outside names asked for: ${found.namesOutside?.join(", ") || "none"}`,
    `memory     ${found.memory} MiB`,
    `Cloudflare lab/lab run curl -s ${controlUrl}/state shows its records and tokens`,
  ].join("\n");
};

/** What a JSONPath says of each object of a kind. */
const ofEach = async (kind: string, path: string): Promise<string[]> => {
  const command = [runner, "kubectl", "get", kind, "-A", "-o", `jsonpath={range .items[*]}${path} {end}`];
  return (await output(command)).trim().split(/\s+/).filter(Boolean);
};

const memory = (init: number): number => {
  const namespace = readlinkSync(`/proc/${init}/ns/pid`);
  // The daemons and pods are in the lab's control groups. The commands of `lab run` are only in the lab's process namespace.
  const inLab = (pid: string): boolean =>
    readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(`:/${group}/`) ||
    readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
  let kib = 0;
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (!inLab(pid)) continue;
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      kib += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    } catch {
      // it has ended in the meantime
    }
  }
  return Math.round(kib / 1024);
};
