/** A lab that a suite outside of all labs puts up and takes down itself. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { clone, type Ended, labs, output, type Running, run, start } from "../../../lab";

const script = join(clone, "lab", "lab");
const groups = "/sys/fs/cgroup";

/** One lab, by its name. */
export class OwnLab {
  readonly directory: string;
  private readonly env: NodeJS.ProcessEnv;

  constructor(private readonly name: string) {
    this.directory = join(labs, name);
    this.env = { LAB: name };
  }

  /** Runs one of the lab's commands to its end. */
  run(...args: string[]): Promise<Ended> {
    return run([script, ...args], { env: this.env });
  }

  /** Starts one of the lab's commands, at the head of a process group as in a terminal. */
  start(...args: string[]): Running {
    return start([script, ...args], { env: this.env, detached: true });
  }

  /** What a program in the lab prints, which must succeed. */
  inside(command: string[], input?: string[]): Promise<string> {
    return output([script, "run", ...command], { env: this.env, input });
  }

  /** The number of a PID 1 in the lab, as the machine counts: of a node's, or of what is outside the cluster. */
  initOf(place: "outside" | "nodes/node-1" | "nodes/node-2"): number {
    return Number(readFileSync(join(this.directory, place, "pid"), "utf8"));
  }

  /** Whatever of it can be seen from the machine. */
  async traces(): Promise<string[]> {
    const own = `lab-${this.name}`;
    const namespaces = (await output(["ip", "netns", "list"])).split("\n").filter((line) => line.includes(own));
    const mounts = readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(this.directory));
    const paths = ["", ...readdirSync(groups)].map((hierarchy) => join(groups, hierarchy, own));
    const processes = readdirSync("/proc").filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(this.directory);
      } catch {
        return false;
      }
    });
    return [
      ...namespaces,
      ...mounts,
      ...[...paths, this.directory, `/etc/netns/${own}-outside`].filter(existsSync),
      ...processes,
    ];
  }
}
