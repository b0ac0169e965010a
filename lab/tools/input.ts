/** Runs a command that reads its orders from standard input. */
import { execFile } from "node:child_process";

/** Feeds the lines to the command; rejects with what it said when it fails. */
export const input = ([program = "", ...args]: string[], lines: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 16 << 20 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${program}: ${stderr.trim() || error.message}`)) : resolve(stdout),
    );
    child.stdin?.end(`${lines.join("\n")}\n`);
  });
