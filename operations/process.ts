/** Programs of others, as commands of our own run them. */
import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { CommandError, exitCodes } from "./exit";

/** How a program ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A program, and where people find how to install it. */
export interface Program {
  name: string;
  installation: string;
}

/** Runs a program to its end, for what it prints. It reads the input, and cannot ask anything. */
export const run = async (program: Program, args: string[], input = ""): Promise<Ended> => {
  const child = spawn(program.name, args);
  // A program that could not be started, or that ends early, tells so by its end.
  child.stdin.on("error", () => {}).end(input);
  const [code, stdout, stderr] = await Promise.all([ended(program, child), text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
};

/** The exit code, once it has ended. Errors: a `CommandError` when it could not be started. */
export const ended = ({ name, installation }: Program, child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.on("error", ({ message }) => {
      const problem = `${name} must be installed and on PATH, got ${message} (${installation})`;
      reject(new CommandError(problem, exitCodes.failed));
    });
    child.on("close", (code) => resolve(code ?? exitCodes.failed));
  });
