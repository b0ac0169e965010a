/** Runs a program and gathers what it says. */
import { type ChildProcess, spawn } from "node:child_process";

/** How a program ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Both streams in the order of arrival. */
  output: string;
}

/** A program that runs, and its end. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** Starts a program at the head of a process group of its own. */
export const start = (command: string, args: string[], env: NodeJS.ProcessEnv = {}): Running => {
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    const said = { stdout: "", stderr: "", output: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (chunk: string) => {
        said[stream] += chunk;
        said.output += chunk;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...said }));
  });
  return { child, ended };
};

/** Runs a program to its end, whatever its exit code. */
export const run = (command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  start(command, args, env).ended;

/** Runs a program that must succeed, and returns what it printed. */
export const succeed = async (command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
  const { code, stdout, output } = await run(command, args, env);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  return stdout;
};
