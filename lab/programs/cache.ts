/** Directories that are made once and kept. One that is there is complete: an interruption leaves nothing half made. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { alone } from "../tools/lock";

/** A short name for everything that something is made from. */
export const key = (inputs: Iterable<string | Uint8Array>): string => {
  const hash = createHash("sha256");
  for (const input of inputs) {
    // With its length before it, no input can run into the next.
    hash.update(`${input.length}:`).update(input);
  }
  return hash.digest("hex").slice(0, 12);
};

/** The directory, made first if it is not there. `waiting` is called when another process has to finish before that. */
export const madeOnce = async (
  directory: string,
  make: (into: string) => Promise<void>,
  waiting: () => void = () => {},
): Promise<string> => {
  if (existsSync(directory)) return directory;
  await alone(`${directory}.lock`, waiting, async () => {
    if (existsSync(directory)) return;
    await clearInterrupted(directory);
    // A name of this process's own: what an interrupted one has left running cannot write here.
    const partial = `${directory}.partial-${process.pid}`;
    await mkdir(partial);
    await make(partial);
    await rename(partial, directory);
  });
  return directory;
};

const clearInterrupted = async (directory: string): Promise<void> => {
  const beside = dirname(directory);
  for (const name of await readdir(beside)) {
    if (name.startsWith(`${basename(directory)}.partial-`)) await rm(join(beside, name), { recursive: true });
  }
};
