/** What is wrong with an edge, where, why, and the one next command; and before a first `up`, what would go wrong. */
import { writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { connect } from "../components/standing/connection";
import type { Check } from "./checks";
import { answered, type ChosenOptions, edgeReader, givenConnection } from "./chosen";
import { diagnose } from "./doctor/diagnosis";
import { readFacts, type Sight } from "./doctor/facts";
import { page, type Seen } from "./doctor/page";
import { picture } from "./doctor/picture";
import { preflight } from "./doctor/preflight";
import type { Severity } from "./doctor/symptom";
import { CommandError, exitCodes } from "./exit";
import { readIntended } from "./intended";
import { coloured } from "./marks";
import { readRoots } from "./roots";

/** What the command is called with. */
export interface DoctorOptions extends ChosenOptions {
  /** Looks before a first `up`, at what the stack is set to. */
  preflight?: boolean;
  /** Seconds between looks, which go on until the process is ended. */
  watch?: number;
  /** A file for the diagnosis as a page. */
  html?: string;
  /** A file of roots that are trusted besides Node's, as PEM. */
  caFile?: string;
  /** Tells the diagnosis as JSON, and nothing else, on standard output; a line for each change while it watches. */
  json?: boolean;
}

/** Returns the exit code. `sight` is for whoever looks otherwise than through the public internet. */
export const doctor = async (options: DoctorOptions, sight: Sight = {}): Promise<number> => {
  const say = options.json ? console.error : console.log;
  const ca = options.caFile === undefined ? undefined : await readRoots(options.caFile);
  const look = options.preflight ? await lookAhead(options, sight) : await lookAt(options, { ...sight, ca }, say);
  if (options.watch !== undefined) return watch(look, options, options.watch);
  const seen = await look();
  await tell(seen, options);
  return codeOf(seen);
};

type Look = () => Promise<Seen[]>;

const lookAt = async (options: DoctorOptions, sight: Sight, say: (line: string) => void): Promise<Look> => {
  const read = await edgeReader(options, say);
  return async () => {
    const edges = await read();
    return answered(() => Promise.all(edges.map(({ cluster, edge }) => see(cluster, edge, sight))));
  };
};

const see = async (
  cluster: Parameters<typeof readFacts>[0],
  edge: Parameters<typeof readFacts>[1],
  sight: Sight,
): Promise<Seen> => ({
  cluster: cluster.place,
  gateway: `${edge.gateway.metadata.namespace}/${edge.gateway.metadata.name}`,
  at: Date.now(),
  ...diagnose(await readFacts(cluster, edge, sight)),
});

const lookAhead = async (options: DoctorOptions, { lookup }: Sight): Promise<Look> => {
  const intended = await readIntended(options);
  const cluster = connect({ ...intended.connection, ...givenConnection(options) });
  return async () => [
    {
      cluster: cluster.place,
      gateway: "to be",
      at: Date.now(),
      ...(await answered(() => preflight(cluster, intended, lookup))),
    },
  ];
};

/** Looks again and again, and tells what has changed. It ends only by a signal. */
const watch = async (look: Look, options: DoctorOptions, seconds: number): Promise<number> => {
  for (let before: string | undefined; ; await setTimeout(seconds * 1_000)) {
    const seen = await look().catch(unseen);
    if (seen instanceof CommandError) {
      if (seen.message !== before) console.error(seen.message);
      before = seen.message;
      continue;
    }
    const now = JSON.stringify(
      seen.map(({ findings }) => findings.map(({ symptom, subject, found }) => [symptom, subject, found])),
    );
    if (now === before) continue;
    before = now;
    if (process.stdout.isTTY && !options.json) process.stdout.write("\x1b[2J\x1b[H");
    await tell(seen, options);
  }
};

/** A cluster that does not answer now may do so at the next look. */
const unseen = (error: unknown): CommandError => {
  if (error instanceof CommandError && error.code === exitCodes.unseen) return error;
  throw error;
};

const codeOf = (seen: Seen[]): number => {
  const all = seen.flatMap(({ findings }) => findings.map(({ severity }) => severity));
  if (all.includes("broken")) return exitCodes.unfit;
  return all.includes("risk") ? exitCodes.risky : exitCodes.done;
};

const tell = async (seen: Seen[], options: DoctorOptions): Promise<void> => {
  if (options.html !== undefined) await writeFile(options.html, page(seen));
  if (options.json) console.log(JSON.stringify(asJson(seen), undefined, options.watch === undefined ? 2 : undefined));
  else for (const each of seen) show(each, options);
};

const asJson = (seen: Seen[]) => ({
  edges: seen.map(({ at, findings, ...rest }) => ({
    ...rest,
    at: new Date(at).toISOString(),
    healthy: findings.length === 0,
    findings,
  })),
});

const results: Record<Severity, Check["result"]> = { broken: "failed", risk: "warning", note: "ok" };

const show = ({ cluster, gateway, findings, links }: Seen, { preflight: isAhead }: DoctorOptions): void => {
  console.log(isAhead ? `Before the first up, in cluster ${cluster}` : `Gateway ${gateway} in cluster ${cluster}`);
  for (const line of picture(links, coloured)) console.log(`  ${line}`);
  for (const { symptom, severity, subject, found, cause, cure, next, source } of findings) {
    console.log(`\n${coloured(results[severity], `${severity}: ${symptom}`)}, ${subject}`);
    const rows = { seen: found, because: cause, cure, next, source };
    for (const [name, words] of Object.entries(rows)) if (words) console.log(`  ${name.padEnd(8)} ${words}`);
  }
  console.log(
    findings.length === 0
      ? `\nNothing is wrong: ${links.length} links looked at.`
      : `\n${findings.length} ${findings.length === 1 ? "finding" : "findings"}.`,
  );
};
