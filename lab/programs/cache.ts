/** Directories that are made once and kept. One that is there is complete: an interruption leaves nothing half made. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { alone } from "../tools/lock";

/** A short name for everything that something is made from. */
export function key(inputs: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256");
  for (const input of inputs) {
    // With its length before it, no input can run into the next.
    hash.update(`${input.length}:`).update(input);
  }
  return hash.digest("hex").slice(0, 12);
}

/** The directory, made first if it is not there. `waiting` is called when another process has to finish before that. */
export async function madeOnce(
  directory: string,
  make: (into: string) => Promise<void>,
  waiting: () => void = () => {},
): Promise<string> {
  if (existsSync(directory)) return directory;
  // One build takes all cores, and two would make the same.
  await alone(join(dirname(directory), "lock"), waiting, async () => {
    if (existsSync(directory)) return;
    await clearInterrupted(dirname(directory));
    // A name of this process's own: what an interrupted one has left running cannot write here.
    const partial = `${directory}.partial-${process.pid}`;
    await mkdir(partial);
    await make(partial);
    await rename(partial, directory);
  });
  return directory;
}

async function clearInterrupted(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.includes(".partial-")) await rm(join(directory, name), { recursive: true });
  }
}
