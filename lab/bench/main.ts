/**
 * Prints measurements and asserts none. Each way to an edge starts in a fresh lab, and all of them give a record the same time to spread.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whoamiImage } from "../../components/rules/versions";
import { meetRequirements } from "../cli/requirements";
import type { Stage } from "../demo/stage";
import { clone, pulumiLogs, run } from "../layout";
import { pinnedVersion } from "../programs/goModule";
import { show } from "../tools/process";
import { growth } from "./growth";
import { type Cost, measure } from "./measure";
import { rolling } from "./rolling";
import { freshLab, freshStack, inLab, lab, storedState, tsx, wait } from "./stack";
import { barsOf, draw, eventsOf } from "./timeline";

const answers = (): Promise<Cost> => measure(tsx("bench/firstAnswer.ts"));

const row = (what: string, { seconds, processorSeconds, memory }: Partial<Cost>): void => {
  const columns = [
    [seconds?.toFixed(1), "s"],
    [processorSeconds?.toFixed(1), "s CPU"],
    [memory, "MiB"],
  ];
  const shown = columns.map(([value, unit]) => (value === undefined ? "" : `${String(value).padStart(8)} ${unit}`));
  console.log(`${what.padEnd(44)} ${shown.join(" ")}`.trimEnd());
};

/** Measures `make demo`, stage by stage, without a lab beforehand. */
const demo = async (how: string, env?: NodeJS.ProcessEnv): Promise<void> => {
  await measure([lab, "down"]);
  const { stdout, ...cost } = await measure(
    ["node", "--import", "tsx", join(clone, "lab/demo/main.ts"), "--json"],
    env,
  );
  const stages = JSON.parse(stdout) as Stage[];
  row(`make demo, ${how}`, cost);
  for (const { stage, seconds } of stages) row(`  ${stage}`, { seconds });
};

/** Runs something in an environment where nothing has been built or fetched. */
const cold = async (during: (env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> => {
  const empty = await mkdtemp(join(tmpdir(), "https-edge-cold-"));
  try {
    await during({
      ...process.env,
      XDG_CACHE_HOME: empty,
      GOMODCACHE: join(empty, "go"),
      GOFLAGS: "-modcacherw", // read-only modules could not be deleted
      npm_config_cache: join(empty, "npm"),
    });
  } finally {
    await measure([lab, "down"]);
    await rm(empty, { recursive: true });
  }
};

/** Measures the two baselines: a certificate alone, and the same edge by a script. */
const baselines = async () => {
  const path = `PATH=${join(run, "bin")}:/usr/local/bin:/usr/bin:/bin`;
  const versions = await Promise.all([
    pinnedVersion("cert-manager", "github.com/cert-manager/cert-manager"),
    pinnedVersion("envoy-gateway", "github.com/envoyproxy/gateway"),
    pinnedVersion("envoy-gateway", "sigs.k8s.io/gateway-api"),
  ]);
  const script = (name: string) =>
    measure(inLab("env", path, join(clone, "lab", "bench", name), wait, ...versions, whoamiImage));
  const certificate = await script("certManagerAlone.sh");
  row("certificate by cert-manager alone", certificate);
  await freshLab();
  const [whole, https] = await Promise.all([script("helmAndKubectl.sh"), answers()]);
  row("the same edge by helm and kubectl, HTTPS", { ...whole, seconds: https.seconds });
  return { certificate, https };
};

/** Measures the edge by Pulumi, from its first `up` to its `destroy`. Returns the seconds until whoami answered. */
const edge = async (how: string, { log }: { log: boolean }): Promise<number> => {
  await freshLab();
  if (log) await rm(pulumiLogs);
  const { project, pulumi } = await freshStack();
  console.log(how);
  const events = join(project, "events.log");
  const [first, https] = await Promise.all([pulumi("up", "--yes", "--skip-preview", "--event-log", events), answers()]);
  row("  up, HTTPS", { ...first, seconds: https.seconds });
  row("  up, done", first);
  for (const line of draw(barsOf(eventsOf(readFileSync(events, "utf8"))))) console.log(`    ${line}`);
  row("  preview, nothing to change", await pulumi("preview"));
  row("  up, nothing to change", await pulumi("up", "--yes", "--skip-preview"));
  row("  refresh", await pulumi("refresh", "--yes", "--skip-preview"));
  const exported = (await pulumi("stack", "export")).stdout.length;
  const stored = storedState();
  row("  destroy", await pulumi("destroy", "--yes", "--skip-preview"));
  const [small, large] = [stored, exported].map((bytes) => (bytes / 1e6).toFixed(1));
  console.log(`  state: ${small} MB stored, ${large} MB exported with indentation`);
  return https.seconds;
};

/** Measures `make demo`, and the ways to an edge. */
const up = async (): Promise<void> => {
  if (process.argv.includes("--cold")) await cold((env) => demo("cold", env));
  await demo("warm");
  row("lab up, everything built", await freshLab());
  const { certificate, https } = await baselines();

  const seconds = await edge("pulumi", { log: false });
  await edge("pulumi with its automatic log", { log: true });
  const ratio = (baseline: Cost): string => (seconds / baseline.seconds).toFixed(2);
  console.log(
    `HTTPS by pulumi up: ${ratio(https)} of the script's time, ${ratio(certificate)} of the time for a certificate alone`,
  );
};

/** Measures what the edge serves, beside the same Envoy configured by hand. */
const throughput = async (): Promise<void> => {
  await meetRequirements({ "nghttp2-client": ["h2load"] });
  await freshLab();
  const { pulumi } = await freshStack();
  await Promise.all([pulumi("up", "--yes", "--skip-preview"), answers()]);
  const code = await show(tsx("bench/throughput.ts"));
  if (code !== 0) throw new Error(`lab/bench/throughput.ts ended with ${code ?? "a signal"}`);
};

/** The parts, in the order in which all of them run. */
const parts: Record<string, () => Promise<void>> = { up, rolling, throughput, growth };

const main = async (args: string[]): Promise<void> => {
  const [, only] = args.map((arg) => /^--only=(.*)$/.exec(arg)).find(Boolean) ?? [];
  const chosen = only === undefined ? Object.values(parts) : [parts[only]];
  for (const part of chosen) {
    if (!part) throw new Error(`bench: ONLY must be one of ${Object.keys(parts).join(", ")}, got "${only}"`);
    await part();
  }
  await measure([lab, "down"]);
};

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
