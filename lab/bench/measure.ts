/** Time, processor time and peak memory of a command with all that it starts. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** What a command cost. */
export interface Cost {
  seconds: number;
  /** Of all processes, user and system. */
  processorSeconds: number;
  /** Peak of the sum of all processes' resident memory, in MiB. */
  memory: number;
}

/** Runs a command to its end, silently; throws what it said when it fails. */
export const measure = async ([program = "", ...args]: string[]): Promise<Cost> => {
  const start = Date.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
    });
  let code: number | null | undefined;
  child.once("close", (ended) => {
    code = ended;
  });
  const ticks = new Map<number, number>();
  let memory = 0;
  while (code === undefined) {
    const tree = descendants(child.pid ?? 0);
    memory = Math.max(
      memory,
      tree.reduce((sum, { resident }) => sum + resident, 0),
    );
    for (const { pid, used } of tree) ticks.set(pid, used);
    await sleep(100);
  }
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${output}`);
  const processorSeconds = [...ticks.values()].reduce((sum, used) => sum + used, 0) / 100;
  return { seconds: (Date.now() - start) / 1_000, processorSeconds, memory: Math.round(memory) };
};

interface Process {
  pid: number;
  parent: number;
  used: number;
  resident: number;
}

const descendants = (root: number): Process[] => {
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
