/** Load by h2load, and what it tells of it: https://nghttp2.org/documentation/h2load.1.html */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output } from "../tools/process";
import { percentile } from "./rounds";

/** How a server is asked. */
export interface Load {
  protocol: "HTTP/1.1" | "HTTP/2";
  /** Path and query. */
  path: string;
  /** Connections. */
  clients: number;
  /** Requests under way at a time on one connection. */
  streams: number;
  /** How many in all; one on each connection when absent. Not a time: h2load may never end one where large answers are under way. */
  requests?: number;
  /** Requests per second of all connections together. As many as the server answers when absent. */
  rate?: number;
}

/** What a load came to. */
export interface Outcome {
  requests: number;
  /** Requests per second. */
  perSecond: number;
  /** Milliseconds that half of the requests took at most, and 99 % of them. */
  p50: number;
  p99: number;
}

/** The command that asks `host` at an address. `log` is the file for a line a request. */
export const commandOf = (load: Load, host: string, address: string, log: string): string[] => {
  const { protocol, path, clients, streams, requests = clients, rate } = load;
  return [
    "h2load",
    ...(protocol === "HTTP/1.1" ? ["--h1"] : []),
    `--clients=${clients}`,
    `--max-concurrent-streams=${streams}`,
    // As many as the machine has processors here: one thread could be what limits a load of large answers.
    "--threads=2",
    // Connections are never made again: h2load would resume their TLS sessions.
    `--requests=${requests}`,
    ...(rate ? [`--rps=${Math.max(1, Math.round(rate / clients))}`] : []),
    `--connect-to=${address}`,
    `--log-file=${log}`,
    `https://${host}${path}`,
  ];
};

/** Loads a server, each of whose answers must be a good one. */
export const runLoad = async (load: Load, host: string, address: string): Promise<Outcome> => {
  const directory = await mkdtemp(join(tmpdir(), "h2load-"));
  try {
    const log = join(directory, "requests");
    const report = await output(commandOf(load, host, address, log));
    return outcomeOf(report, await readFile(log, "utf8"));
  } finally {
    await rm(directory, { recursive: true });
  }
};

/** Reads the report of h2load, and its log: start, status and duration in microseconds a line, with tabs between. */
export const outcomeOf = (report: string, log: string): Outcome => {
  const [, perSecond] = /^finished in \S+, ([\d.]+) req\/s/m.exec(report) ?? [];
  const [, done, succeeded] = /^requests: .* (\d+) done, (\d+) succeeded, 0 failed, 0 errored/m.exec(report) ?? [];
  if (!perSecond || !done || done === "0" || succeeded !== done)
    throw new Error(`each request of a load must succeed, got:\n${report.trim()}`);
  const milliseconds = log
    .split("\n")
    .filter(Boolean)
    .map((line) => Number(line.split("\t")[2]) / 1_000)
    .sort((a, b) => a - b);
  return {
    requests: Number(done),
    perSecond: Number(perSecond),
    p50: percentile(milliseconds, 50),
    p99: percentile(milliseconds, 99),
  };
};
