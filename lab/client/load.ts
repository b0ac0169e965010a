/** A steady stream of requests. It records every failure. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Ask, ask } from "./https";
import { KeptConnection } from "./kept";

/** The result of a load. */
export interface Outcome {
  requests: number;
  /** What failed, with the time of day. */
  failures: string[];
  /** Issuers seen, in order of appearance. */
  issuers: string[];
  /** Connections that the requests went over. */
  connections: number;
  /** Longest time between two answers, in milliseconds. */
  longestGap: number;
}

/** How a load is made. */
export interface LoadOptions extends Ask {
  /** Milliseconds from an answer to the next request. */
  every?: number;
  /** Whether an answer is a good one. */
  accept?: (answer: Answer) => boolean;
  /** Sends the requests over one connection for as long as the server keeps it, and not each over its own. */
  keep?: boolean;
}

/** A load under way. */
export interface Load {
  outcome: Outcome;
  stop: () => Promise<Outcome>;
}

/** Sends requests to a host until it is stopped, one after the other. An answer counts as failed when `accept` rejects it. */
export const startLoad = (
  host: string,
  { every = 50, accept = ({ status }) => status < 500, keep = false, ...more }: LoadOptions = {},
): Load => {
  // A busy machine answers late; a request that is lost is never answered.
  const options = { timeout: 30_000, ...more };
  const outcome: Outcome = { requests: 0, failures: [], issuers: [], connections: 0, longestGap: 0 };
  const kept = new KeptConnection(host, options);
  const fail = (what: string) => outcome.failures.push(`${new Date().toISOString().slice(11, 23)} ${what}`);
  let running = true;
  let answered = Date.now();
  const loop = (async () => {
    while (running) {
      outcome.requests++;
      try {
        const answer = await (keep ? kept.ask() : ask(host, options));
        if (accept(answer)) {
          outcome.longestGap = Math.max(outcome.longestGap, Date.now() - answered);
          answered = Date.now();
        } else fail(`status ${answer.status}: ${answer.body.trim().slice(0, 80)}`);
        if (!outcome.issuers.includes(answer.certificate.issuer)) outcome.issuers.push(answer.certificate.issuer);
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error));
      }
      outcome.connections = keep ? kept.connections : outcome.requests;
      await sleep(every);
    }
    kept.close();
  })();
  return {
    outcome,
    stop: async () => {
      running = false;
      await loop;
      return outcome;
    },
  };
};

/** The four kinds of clients: by both versions of HTTP, over a new connection for each request or over a kept one. */
export const startLoads = (host: string, options: LoadOptions = {}): Record<string, Load> =>
  Object.fromEntries(
    ["http/1.1", "h2"].flatMap((protocol) =>
      [false, true].map((keep) => [
        `${protocol} ${keep ? "kept" : "new"}`,
        startLoad(host, { ...options, protocols: [protocol], keep }),
      ]),
    ),
  );
