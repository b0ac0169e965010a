/** Places: mount, pid, uts and ipc namespaces, each with what is mounted in it, held by one process. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { log, namespace, network, nodes } from "../layout";
import { startDaemon } from "../tools/process";
import { startOf } from "../tools/processes";
import { until } from "../tools/until";
import { doors } from "./cgroups";

/** PID 1 of a place, as the machine counts, with its start time, since numbers come again. */
export interface Init {
  pid: number;
  started: string;
}

/** What a place is made of. */
interface Place {
  /** Its own directory, made here. */
  root: string;
  /** Its control group. */
  group: string;
  /** The program that waits as PID 1. */
  pause: string;
}

/** The name servers, for who asks by /etc/resolv.conf. */
export const resolver = `nameserver ${network.dns}\noptions timeout:2 attempts:2\n`;

/** The place of everything outside the cluster. Ending it ends the lab: every process, and every mount. */
export const holdOutside = (place: Place): Promise<Init> =>
  startInit(place, ["nsenter", `--net=/run/netns/${namespace}`], []);

/** A node's place, inside the lab's by its processes, with a network of its own. Ending it loses the node as a power cut does. */
export const holdNode = (lab: Init, place: Place): Promise<Init> =>
  startInit(place, ["nsenter", "-t", String(lab.pid), "--pid"], ["--net"]);

const startInit = async ({ root, group, pause }: Place, from: string[], more: string[]): Promise<Init> => {
  for (const directory of ["run", "varlog", "varlib", "varlib.work", "etc", "cgroup"])
    mkdirSync(join(root, directory), { recursive: true });
  const named = nodes.map(({ name, address }) => `${address} ${name}\n`).join("");
  writeFileSync(join(root, "etc", "hosts"), `127.0.0.1 localhost\n::1 localhost\n${named}`);
  writeFileSync(join(root, "etc", "resolv.conf"), resolver);

  const host = basename(root);
  const file = join(log, `init-${host}.log`);
  const unshare = ["unshare", ...more, "--mount", "--propagation", "slave", "--pid", "--fork", "--uts", "--ipc"];
  startDaemon(file, [...from, ...unshare, join(__dirname, "init.sh"), root, host, pause, ...doors(group)]);
  const told = async () => Number(readFileSync(join(root, "pid"), "utf8")) || undefined;
  const pid = await until(`namespaces of ${host} (see ${file})`, told, { every: 20 });
  const started = startOf(pid);
  if (!started) throw new Error(`PID 1 of ${host} must run; see ${file}`);
  return { pid, started };
};

/** What puts a command into a place, whose PID 1 has this number where the command comes from. */
export const enter = (pid: number): string[] => [
  ...["nsenter", "-t", String(pid), "--mount", "--pid", "--uts", "--ipc", "--net", "--"],
];

/** The number that a node's PID 1 has in the lab. */
export const pidInLab = ({ pid }: Init): number => {
  const [, , inLab] = /^NSpid:(\s+\d+)(\s+\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  if (!inLab) throw new Error(`process ${pid} must be inside the lab's`);
  return Number(inLab);
};
