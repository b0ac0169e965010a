/** Time, processor time and peak memory of a command with all that it starts. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { tree } from "../tools/processes";

/** What a command cost. */
export interface Cost {
  seconds: number;
  /** Of all processes, user and system. */
  processorSeconds: number;
  /** Peak of the sum of all processes' resident memory, in MiB. */
  memory: number;
  stdout: string;
}

/** Runs a command to its end, silently; throws what it said when it fails. */
export const measure = async ([program = "", ...args]: string[], env = process.env): Promise<Cost> => {
  const start = Date.now();
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  let code: number | null | undefined;
  child.once("close", (ended) => {
    code = ended;
  });
  const ticks = new Map<number, number>();
  let memory = 0;
  while (code === undefined) {
    const processes = tree(child.pid ?? 0);
    memory = Math.max(
      memory,
      processes.reduce((sum, { resident }) => sum + resident, 0),
    );
    for (const { pid, used } of processes) ticks.set(pid, used);
    await sleep(100);
  }
  const [stdout, stderr] = await said;
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  const processorSeconds = [...ticks.values()].reduce((sum, used) => sum + used, 0) / 100;
  return { seconds: (Date.now() - start) / 1_000, processorSeconds, memory: Math.round(memory), stdout };
};
