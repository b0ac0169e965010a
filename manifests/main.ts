/** Writes the edge of a stack file as numbered manifests with kustomizations, as a command line. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { load } from "js-yaml";
import { render } from "./charts";
import { type Configured, collect, placeholder } from "./collect";
import { filesOf, folders } from "./files";

/** A problem that is told in its own words. */
class Refusal extends Error {}

interface Options {
  stack: string;
  out: string;
  cwd?: string;
  organization: string;
  kubeVersion: string;
}

const program = new Command("manifests")
  .description(
    "Writes the edge of a stack file as manifests, for kubectl, Flux or Argo CD. Nothing is asked of a cluster or of Cloudflare.",
  )
  .requiredOption("-s, --stack <stack>", "the stack file's: prod for Pulumi.prod.yaml")
  .requiredOption("-o, --out <directory>", "where to write; it must be empty, or hold what was written before")
  .option("-C, --cwd <directory>", "directory of the Pulumi project; this one by default")
  .option("--organization <name>", "the organization in the objects' label https-edge/stack", "organization")
  .option("--kube-version <version>", "Kubernetes for which the charts are rendered", "1.36.0")
  .exitOverride()
  .addHelpText(
    "after",
    `
Example:
  npx tsx manifests/main.ts --stack prod --out ../cluster/edge

It needs helm on PATH, and reads the charts and the CRDs from where the settings say.
Exit codes: 0 written; 1 the settings are wrong, or something cannot be read; 2 called wrongly`,
  );

interface StackFile {
  config?: Record<string, unknown>;
}

const read = (file: string): StackFile => load(readFileSync(file, "utf8")) as StackFile;

/** The configuration as Pulumi would hand it over, with something in place of what is encrypted. */
const configured = ({ stack, organization }: Options): Configured => {
  const file = `Pulumi.${stack}.yaml`;
  if (!existsSync(file))
    throw new Refusal(`--stack must name a stack file, got ${stack} (there is no ${file} in ${process.cwd()})`);
  const { name, config: declared = {} } = load(readFileSync("Pulumi.yaml", "utf8")) as {
    name: string;
    config?: Record<string, { default?: unknown }>;
  };
  const defaults = Object.entries(declared).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key, value]],
  );
  const values = { ...Object.fromEntries(defaults), ...read(file).config };
  const secretKeys = Object.keys(values).filter((key) => Object.hasOwn(Object(values[key]), "secure"));
  const config = Object.entries(values).map(([key, value]) => [
    key,
    secretKeys.includes(key) ? placeholder : typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return { organization, project: name, stack, config: Object.fromEntries(config), secretKeys };
};

const run = async (options: Options): Promise<void> => {
  const out = resolve(options.out);
  if (options.cwd !== undefined) process.chdir(options.cwd);
  if (existsSync(out) && readdirSync(out).length > 0 && !existsSync(join(out, folders.edge, "kustomization.yaml")))
    throw new Refusal(`--out must be empty or hold what was written before, got ${out} (name another directory)`);
  const collected = await collect(configured(options));
  const rendered = await Promise.all(
    collected.charts.map(async (chart) => {
      console.error(`rendering ${chart.chart} ${chart.version}`);
      return [chart.name, await render(chart, options.kubeVersion)] as const;
    }),
  );
  const files = filesOf(collected, Object.fromEntries(rendered));
  // What is not made any more must not stay beside it.
  for (const folder of Object.values(folders)) rmSync(join(out, folder), { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), content);
  }
  console.error(`${Object.keys(files).length} files written; ${join(out, "README.md")} says how to apply them`);
};

program.action(run);
program.parseAsync().catch((error: unknown) => {
  // Commander has told what is wrong.
  if (error instanceof CommanderError) process.exitCode = error.exitCode && 2;
  else {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
});
