/** Processes as the kernel lists them: the machine's, or inside a lab the lab's. */
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

/** A process with all its descendants. Parents come before their children. */
export const tree = (root: number): Process[] => {
  const all = running().flatMap(read);
  const found = all.filter(({ pid }) => pid === root);
  for (const each of found) found.push(...all.filter(({ parent }) => parent === each.pid));
  return found;
};

/** When a process started, in the kernel's ticks. Undefined when there is none, or only a zombie. */
export const startOf = (pid: number): string | undefined => {
  try {
    const fields = stat(pid);
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined; // there is none
  }
};

/** Ends processes without a word; tells whether there was none. */
export const endEach = (pids: number[]): boolean => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has just ended by itself
    }
  }
  return pids.length === 0;
};

/** The fields of a process's stat from its state on. The name before them may contain anything. */
const stat = (pid: number): string[] => {
  const line = readFileSync(`/proc/${pid}/stat`, "utf8");
  return line.slice(line.lastIndexOf(")") + 2).split(" ");
};

/** A process by its number; none when it has ended. */
export const read = (pid: number): Process[] => {
  try {
    const fields = stat(pid);
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    const used = Number(fields[11]) + Number(fields[12]);
    return [{ pid, parent: Number(fields[1]), used, resident: (pages * 4096) / 2 ** 20 }];
  } catch {
    return []; // it has ended in the meantime
  }
};

/** Processes by the name of their program, of which the kernel keeps fifteen letters. */
export const named = (program: string): number[] =>
  running().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === program.slice(0, 15);
    } catch {
      return false; // it has just ended
    }
  });

const running = (): number[] =>
  readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
