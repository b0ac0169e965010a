/** Pulumi's command line, run in this process's directory. */
import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { CommandError, exitCodes } from "./exit";

/** How a command ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end, for what it prints. It cannot ask anything. */
export const pulumi = (...args: string[]): Promise<Ended> => pulumiReading("", ...args);

/** The same with something to read on its standard input. */
export const pulumiReading = async (input: string, ...args: string[]): Promise<Ended> => {
  const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"]);
  // A command that could not be started, or that ends early, tells so by its end.
  child.stdin.on("error", () => {}).end(input);
  const [code, stdout, stderr] = await Promise.all([ended(child), text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
};

/** Runs a command on this process's terminal, and returns its exit code. What it prints goes to the given stream. */
export const showPulumi = async (args: string[], stream: "stdout" | "stderr"): Promise<number> => {
  const child = spawn("pulumi", args, { stdio: ["inherit", process[stream], "inherit"] });
  // A terminal's Ctrl-C reaches Pulumi too, which ends in its own way, and this process after it.
  const wait = () => {};
  const pass = () => child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", pass);
  try {
    return await ended(child);
  } finally {
    process.off("SIGINT", wait).off("SIGTERM", pass);
  }
};

const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.on("error", ({ message }) => {
      const problem = `pulumi must be installed and on PATH, got ${message} (https://www.pulumi.com/docs/install/)`;
      reject(new CommandError(problem, exitCodes.failed));
    });
    child.on("close", (code) => resolve(code ?? exitCodes.failed));
  });
