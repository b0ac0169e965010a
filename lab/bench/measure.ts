/** Measures the time, the processor time and the peak memory of a command and of everything that it starts. */
import { setTimeout as sleep } from "node:timers/promises";
import { failed, start } from "../tools/process";
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

/** Runs a command to its end and shows none of its output. A failure throws the output. */
export const measure = async (command: string[], env = process.env): Promise<Cost> => {
  const begun = Date.now();
  const { pid, ended } = start(command, { env });
  let running = true;
  const stopped = () => {
    running = false;
  };
  ended.then(stopped, stopped);
  const ticks = new Map<number, number>();
  let memory = 0;
  while (running) {
    const processes = tree(pid ?? 0);
    memory = Math.max(
      memory,
      processes.reduce((sum, { resident }) => sum + resident, 0),
    );
    for (const { pid, used } of processes) ticks.set(pid, used);
    await sleep(100);
  }
  const { code, stdout, output } = await ended;
  if (code !== 0) throw failed(command, code, output);
  const processorSeconds = [...ticks.values()].reduce((sum, used) => sum + used, 0) / 100;
  return { seconds: (Date.now() - begun) / 1_000, processorSeconds, memory: Math.round(memory), stdout };
};
