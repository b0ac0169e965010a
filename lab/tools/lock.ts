/** One process at a time. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { startReady } from "./process";

/**
 * Does the work while no other process works under this file's lock. The kernel frees the lock when its holder ends. The holder ends with
 * its input, and so with this process, whatever ends that.
 */
export const alone = async <T>(file: string, waiting: () => void, work: () => Promise<T>): Promise<T> => {
  await mkdir(dirname(file), { recursive: true });
  const patience = setTimeout(waiting, 1000);
  const holder = await startReady(["flock", "--no-fork", file, "sh", "-c", "echo held; exec cat"], {
    input: "open",
    detached: true, // so that Ctrl-C in a terminal does not free the lock before this process is done
  }).finally(() => clearTimeout(patience));
  try {
    return await work();
  } finally {
    holder.stop();
    await holder.ended;
  }
};
