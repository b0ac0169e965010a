/** Waiting for a condition, never for a time. */
import { setTimeout as sleep } from "node:timers/promises";

/** Asks again until the answer is there, and tells the last reason when it does not come in time. */
export const until = async <T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  { seconds = 60, every = 250 } = {},
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
