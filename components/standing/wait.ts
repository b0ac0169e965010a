/** Waiting until a cluster says that something is done, or that it never will be. */
import { setTimeout } from "node:timers/promises";
import { ConnectionError } from "./connection";

/** What a look came to: it is done; it is under way, and as far as this; it has failed for good; or nothing is there yet. */
export type Look<T> = { done: T } | { waiting: string } | { failed: string } | undefined;

/** How long, and who is told. */
export interface Patience {
  /** Seconds until a wait is a failure. */
  seconds: number;
  /** Hears how far it is, whenever that changes. */
  told?: (waiting: string) => void;
}

const pause = 1_000;

/**
 * Looks once a second until it is done or has failed; when the time is up, how far it was is the failure, and `after` tells the time. A
 * cluster that does not answer for a moment is waited for as well.
 */
export const awaited = async <T>(
  look: () => Promise<Look<T>>,
  { seconds, told = () => {} }: Patience,
): Promise<{ done: T } | { failed: string; after: string }> => {
  const end = Date.now() + seconds * 1_000;
  let before = "";
  for (;;) {
    const found = (await look().catch(orUnreachable)) ?? { waiting: "nothing yet" };
    if ("done" in found) return found;
    if ("failed" in found) return { ...found, after: "" };
    const { waiting } = found;
    if (Date.now() >= end) return { failed: waiting, after: `, after ${seconds} s` };
    if (waiting !== before) told(waiting);
    before = waiting;
    await setTimeout(pause);
  }
};

const orUnreachable = (error: unknown): { waiting: string } => {
  if (error instanceof ConnectionError && error.kind === "unreachable") return { waiting: error.message };
  throw error;
};
