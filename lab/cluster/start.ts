/** Starts a program of the lab that outlives the command which starts it. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { log } from "../layout";

/** Starts it in a session of its own, with what it says in run/log/<name>.log, and returns whether it still runs. */
export const startDetached = (
  name: string,
  [program = "", ...args]: string[],
  env: NodeJS.ProcessEnv,
): (() => boolean) => {
  const out = openSync(join(log, `${name}.log`), "a");
  const child = spawn(program, args, { detached: true, stdio: ["ignore", out, out], env });
  let running = true;
  child.once("error", () => {
    running = false;
  });
  child.once("exit", () => {
    running = false;
  });
  child.unref();
  return () => running;
};
