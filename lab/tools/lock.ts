/** One process at a time. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Does the work while no other process is at work under this file's lock.
 * The kernel frees the lock when its holder ends, and the holder ends with this process, whatever ends that.
 */
export async function alone<T>(file: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn("flock", [file, "sh", "-c", "echo held; exec cat"], {
    detached: true, // so that Ctrl-C in a terminal does not free the lock before this process is done
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(holder, "exit");
  const patience = setTimeout(waiting, 1000);
  try {
    await Promise.race([
      once(holder.stdout, "data"),
      exit.then(() => Promise.reject(new Error(`cannot lock ${file}`))),
    ]);
    clearTimeout(patience);
    return await work();
  } finally {
    clearTimeout(patience);
    holder.stdin.end();
    await exit;
  }
}
