/** A steady stream of requests, each over its own connection. It records every failure. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Ask, ask } from "./https";

/** The result of a load. */
export interface Outcome {
  requests: number;
  failures: string[];
  /** Issuers seen, in order of appearance. */
  issuers: string[];
}

/** Sends requests to a host until it is stopped. An answer counts as failed when `accept` rejects it. */
export const startLoad = (
  host: string,
  {
    every = 50,
    accept = (answer: Answer) => answer.status < 500,
    ...options
  }: Ask & { every?: number; accept?: (answer: Answer) => boolean } = {},
) => {
  const outcome: Outcome = { requests: 0, failures: [], issuers: [] };
  let running = true;
  const loop = (async () => {
    while (running) {
      outcome.requests++;
      try {
        const answer = await ask(host, options);
        if (!accept(answer)) outcome.failures.push(`status ${answer.status}`);
        if (!outcome.issuers.includes(answer.certificate.issuer)) outcome.issuers.push(answer.certificate.issuer);
      } catch (error) {
        outcome.failures.push(error instanceof Error ? error.message : String(error));
      }
      await sleep(every);
    }
  })();
  return {
    outcome,
    stop: async (): Promise<Outcome> => {
      running = false;
      await loop;
      return outcome;
    },
  };
};
