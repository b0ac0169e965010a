/** One run at a time of some work, however often it is asked for; what is asked for meanwhile is one more run. */
import { setImmediate } from "node:timers/promises";

export const coalesce = (
  work: () => Promise<void>,
  retryAfter: number,
  onError: (error: unknown) => void,
): (() => void) => {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    await setImmediate(); // who asks may still be in the middle of the change
    again = false;
    try {
      await work();
    } catch (error) {
      onError(error);
      setTimeout(ask, retryAfter);
    }
    running = false;
    if (again) ask();
  };
  const ask = () => {
    if (running) again = true;
    else void run();
  };
  return ask;
};
