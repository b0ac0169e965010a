/** Waiting for a condition, never for a time. */
import { setTimeout as sleep } from "node:timers/promises";

/** Checks again until there is an answer. When the time is up, which is long enough for a busy machine, the error tells the last reason. */
export const until = async <T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  { seconds = 180, every = 250 } = {},
): Promise<T> => {
  const end = Date.now() + seconds * 1_000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await sleep(every);
  }
  const reason = last instanceof Error ? `: ${last.message}` : "";
  throw new Error(`${what}: not in ${seconds} s${reason}`);
};
