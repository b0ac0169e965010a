/** Pulumi's command line, run in this process's directory. */
import { spawn } from "node:child_process";
import { type Ended, ended, run } from "./process";

const program = { name: "pulumi", installation: "https://www.pulumi.com/docs/install/" };

/** Runs a command to its end, for what it prints. It cannot ask anything. */
export const pulumi = (...args: string[]): Promise<Ended> => pulumiReading("", ...args);

/** The same with something to read on its standard input. */
export const pulumiReading = (input: string, ...args: string[]): Promise<Ended> =>
  run(program, [...args, "--non-interactive", "--color", "never"], input);

/** Runs a command on this process's terminal, and returns its exit code. What it prints goes to the given stream. */
export const showPulumi = async (args: string[], stream: "stdout" | "stderr"): Promise<number> => {
  const child = spawn(program.name, args, { stdio: ["inherit", process[stream], "inherit"] });
  // A terminal's Ctrl-C reaches Pulumi too, which ends in its own way, and this process after it.
  const wait = () => {};
  const pass = () => child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", pass);
  try {
    return await ended(program, child);
  } finally {
    process.off("SIGINT", wait).off("SIGTERM", pass);
  }
};
