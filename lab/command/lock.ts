/** One command at a time that changes a lab. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { startOf } from "../node/record";
import { run } from "../place";

const lock = `${run}.lock`;

/** Runs `work` while no other command of the same lab does; a lock whose holder is gone counts for nothing. */
export const alone = async <T>(work: () => Promise<T>): Promise<T> => {
  mkdirSync(dirname(lock), { recursive: true });
  const mine = `${process.pid} ${startOf(process.pid)}`;
  for (;;) {
    try {
      writeFileSync(lock, mine, { flag: "wx" });
      break;
    } catch {
      const holder = holderOf();
      if (holder)
        throw new Error(`lab must be changed by one command at a time, got another at work (process ${holder})`);
      rmSync(lock, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
};

const holderOf = (): number | undefined => {
  try {
    const [pid = "", started] = readFileSync(lock, "utf8").split(" ");
    return startOf(Number(pid)) === started ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
};
