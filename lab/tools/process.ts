/** Commands of the machine: for what they print, or for what they do with their output kept in a log. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

interface Options {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** What a command prints. */
export async function output([program = "", ...args]: string[], options: Options = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { ...options, maxBuffer: 64 << 20 }).catch((error) => {
    throw error.code === "ENOENT" ? absent(program) : error;
  });
  return stdout;
}

/** Runs a command to its end. Its output is added to a log, whose last lines a failure shows. */
export async function logged(log: string, [program = "", ...args]: string[], options: Options = {}): Promise<void> {
  await mkdir(dirname(log), { recursive: true });
  const file = await open(log, "a");
  try {
    await file.write(`$ ${[program, ...args].join(" ")}\n`);
    const child = spawn(program, args, { ...options, stdio: ["ignore", file.fd, file.fd] });
    const [code] = await once(child, "exit").catch((error) => {
      throw error.code === "ENOENT" ? absent(program) : error;
    });
    if (code === 0) return;
  } finally {
    await file.close();
  }
  const tail = (await readFile(log, "utf8")).trimEnd().split("\n").slice(-20).join("\n");
  throw new Error(`${program} ${args[0] ?? ""} failed; its output ends with\n\n${tail}\n\nand is in ${log}`);
}

function absent(program: string): Error {
  return new Error(`${program} must be installed and on PATH`);
}
