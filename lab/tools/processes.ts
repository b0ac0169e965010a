/** The processes of the machine, or inside a lab those of the lab, as the kernel tells of them. */
import { readdirSync, readFileSync } from "node:fs";

/** A process. */
export interface Process {
  pid: number;
  parent: number;
  /** Processor time of all its threads, user and system, in ticks of 10 ms. */
  used: number;
  /** Resident memory, in MiB. */
  resident: number;
}

/** A process with all that it has started, and what they have. Parents come before their children. */
export const tree = (root: number): Process[] => {
  const all = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => read(Number(entry)));
  const found = all.filter(({ pid }) => pid === root);
  for (const each of found) found.push(...all.filter(({ parent }) => parent === each.pid));
  return found;
};

const read = (pid: number): Process[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    const used = Number(fields[11]) + Number(fields[12]);
    return [{ pid, parent: Number(fields[1]), used, resident: (pages * 4096) / 2 ** 20 }];
  } catch {
    return []; // it has ended meanwhile
  }
};
