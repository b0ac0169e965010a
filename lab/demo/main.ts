/**
 * The whole way from an empty machine to a page over HTTPS, with the time of each stage. It prints for people, or with --json for programs.
 */
import { join } from "node:path";
import { clone, trust } from "../layout";
import { run, show } from "../tools/process";
import type { Stage } from "./stage";

const lab = join(clone, "lab", "lab");
const inLab = (...command: string[]): string[] => [lab, "run", ...command];
const script = (name: string, ...args: string[]): string[] =>
  inLab("node", "--import", "tsx", join(__dirname, name), ...args);

/** Runs the stages one after the other, shows them on `shown`, and returns the project's folder. */
const runStages = async (shown: "stdout" | "stderr", stages: Stage[]): Promise<string> => {
  const stage = async (name: string, command: string[], { quiet = false } = {}): Promise<string> => {
    process[shown].write(`${bold(`\n== ${name}`, shown)}\n`);
    const start = Date.now();
    const { code, stdout, stderr } = quiet
      ? await run(command)
      : { code: await show(command, shown), stdout: "", stderr: "" };
    process.stderr.write(stderr);
    stages.push({ stage: name, seconds: (Date.now() - start) / 1_000 });
    if (code !== 0) {
      console.error(`\n${name} ended with ${code ?? "a signal"}. Look around with: make lab-status, lab/lab shell`);
      process.exit(code ?? 1);
    }
    return stdout.trim();
  };

  await stage("lab: a cluster and its small internet", [lab, "up"]);
  const project = await stage("project: a copy with the committed stack files", script("project.ts"), { quiet: true });
  await stage("stack", inLab("pulumi", "-C", project, "stack", "select", "--create", "staging"));
  await stage("pulumi up -s staging", script("up.ts", project));
  await stage("a look from outside", script("look.ts"));
  const verify = [
    join(clone, "operations", "main.ts"),
    "verify",
    "-C",
    project,
    "-s",
    "staging",
    "--ca-file",
    trust.staging,
  ];
  await stage("npx https-edge verify -s staging", inLab("node", "--import", "tsx", ...verify));
  return project;
};

const bold = (text: string, shown: "stdout" | "stderr" = "stdout"): string =>
  process[shown].isTTY ? `\x1b[1m${text}\x1b[0m` : text;

const main = async ([option, ...more]: string[]): Promise<void> => {
  if ((option !== undefined && option !== "--json") || more.length > 0) {
    console.error(
      `demo: options must be --json or none, got ${[option, ...more].join(" ")} (--json prints the stages' times)`,
    );
    process.exit(2);
  }
  const stages: Stage[] = [];
  if (option === "--json") {
    await runStages("stderr", stages); // a program asks for the times alone
    console.log(JSON.stringify(stages));
    return;
  }
  const project = await runStages("stdout", stages);
  console.log(bold("\n== time"));
  const all = { stage: "in all", seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0) };
  for (const { stage, seconds } of [...stages, all]) console.log(`${seconds.toFixed(1).padStart(7)} s  ${stage}`);

  console.log(`${bold("\n== what to try next")}
  lab/lab run curl --cacert ${trust.staging} https://whoami.staging.example.com
  lab/lab run kubectl get gateway,httproute,certificate,clusterissuer -A
  lab/lab run pulumi -C ${project} preview -s staging
  lab/lab shell          a shell in which all of this works without the prefix
  lab/lab status         what runs, and where the fake Cloudflare shows its records and tokens
  make lab-down          takes everything down`);
};

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
