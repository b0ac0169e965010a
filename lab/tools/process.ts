/** The one way to run programs: for their output, for their effect, or as daemons. */
import type { StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { type Output, type Result, x } from "tinyexec";

/** Options of a command. */
export interface Options {
  cwd?: string;
  /** Added to this process's own environment. */
  env?: NodeJS.ProcessEnv;
  /** Lines for its standard input; none by default. An open input stays open until this process ends. */
  input?: string[] | "open";
  /** Makes it the head of its own process group, so that Ctrl-C in this process's terminal does not reach it. */
  detached?: boolean;
}

/** How a program ended. */
export interface Ended {
  /** Undefined when a signal ended it. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  /** Both streams, in the order of arrival. */
  output: string;
}

/** A program that runs, and its end. */
export interface Running {
  /** Undefined when it could not be started. */
  pid: number | undefined;
  /** Asks it to end. */
  stop: () => void;
  ended: Promise<Ended>;
}

/** Hears each line of a program as it comes. */
type Listener = (line: string, stream: "stdout" | "stderr") => void;

const spawn = ([program = "", ...args]: string[], { input, ...options }: Options, stdio: StdioOptions): Result => {
  const stdin = Array.isArray(input) ? `${input.join("\n")}\n` : undefined;
  return x(program, args, { nodePath: false, stdin, nodeOptions: { ...options, stdio } });
};

/** Starts a program, and gathers its output. */
export const start = (command: string[], options: Options = {}, listener?: Listener): Running => {
  const started = spawn(command, options, [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"]);
  let output = "";
  for (const name of ["stdout", "stderr"] as const) {
    const stream = started.process?.[name]?.setEncoding("utf8");
    stream?.on("data", (chunk: string) => {
      output += chunk;
    });
    if (stream && listener) createInterface({ input: stream }).on("line", (line) => listener(line, name));
  }
  const ended = async (): Promise<Ended> => {
    const { exitCode, stdout, stderr } = await completed(command, started);
    return { code: exitCode, stdout, stderr, output };
  };
  return { pid: started.pid, stop: () => void started.kill(), ended: ended() };
};

/** Starts a program that prints a line once it is ready; rejects when it ends without one. */
export const startReady = (command: string[], options: Options = {}): Promise<Running & { firstLine: string }> =>
  new Promise((resolve, reject) => {
    const running = start(command, options, (firstLine, stream) => {
      if (stream === "stdout") resolve({ ...running, firstLine });
    });
    running.ended.then(({ code, output }) => reject(failed(command, code, output)), reject);
  });

/** Runs a program to its end, whatever its exit code. */
export const run = (command: string[], options: Options = {}): Promise<Ended> => start(command, options).ended;

/** Runs a program that must succeed, and returns its standard output. */
export const output = async (command: string[], options: Options = {}): Promise<string> => {
  const ended = await run(command, options);
  if (ended.code !== 0) throw failed(command, ended.code, ended.output);
  return ended.stdout;
};

/** Runs a program on this process's own terminal, and returns its exit code. */
export const show = async (command: string[], stdout: "stdout" | "stderr" = "stdout"): Promise<number | undefined> =>
  (await completed(command, spawn(command, {}, ["inherit", process[stdout], "inherit"]))).exitCode;

/** Runs a program that must succeed. Its output is added to a log, and a failure shows the log's last lines. */
export const logged = async (log: string, command: string[], options: Options = {}): Promise<void> => {
  await mkdir(dirname(log), { recursive: true });
  await appendFile(log, `$ ${command.join(" ")}\n`);
  const { exitCode } = await completed(
    command,
    into(log, (file) => spawn(command, options, ["ignore", file, file])),
  );
  if (exitCode === 0) return;
  const tail = (await readFile(log, "utf8")).trimEnd().split("\n").slice(-20).join("\n");
  throw failed(command, exitCode, `${tail}\n\nThe whole output is in ${log}`);
};

/** Starts a program that outlives this process, in its own session. The returned function tells whether it still runs. */
export const startDaemon = (log: string, command: string[], env: NodeJS.ProcessEnv = {}): (() => boolean) => {
  const started = into(log, (file) => spawn(command, { env, detached: true }, ["ignore", file, file]));
  started.process?.unref();
  let running = true;
  const stopped = () => {
    running = false;
  };
  started.then(stopped, stopped);
  return () => running;
};

const into = <T>(log: string, work: (file: number) => T): T => {
  const file = openSync(log, "a");
  try {
    return work(file);
  } finally {
    closeSync(file); // the program has its own copy by now
  }
};

/** The one error of a program that failed. */
export const failed = ([program = "", ...args]: string[], code: number | undefined, said: string): Error =>
  new Error(`${[program, ...args].join(" ")} ended with ${code ?? "a signal"}:\n${said}`);

/** Waits for the end of a program. Rejects only when it could not be started. */
const completed = async ([program = ""]: string[], started: Result): Promise<Output> => {
  try {
    return await started;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOENT"
      ? new Error(`${program} must be installed and on PATH`)
      : error;
  }
};
