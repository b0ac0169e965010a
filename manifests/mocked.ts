/** A Pulumi program under mocks, in place of the engine's host. */
import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

/** Runs a program to its end. Errors: the first that it meets, in the program or in a promise behind it, as the engine's host would report it. */
export const toItsEnd = async (program: () => unknown): Promise<void> => {
  const errors: unknown[] = [];
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", (error) => errors.push(error));
  try {
    await program();
    await pulumi.runtime.disconnect().catch((error) => errors.push(error));
    // Node reports a rejection only when the promises before it have settled.
    await setTimeout(0);
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
  if (errors.length > 0) throw errors[0];
};
