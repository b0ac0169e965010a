/** The main job, from an empty machine to a page over HTTPS, with the time of each stage: for people, or with --json for programs. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { clone, trust } from "../layout";
import type { Stage } from "./stage";

const [option, ...more] = process.argv.slice(2);
if ((option !== undefined && option !== "--json") || more.length > 0) {
  console.error(
    `demo: options must be --json or none, got ${process.argv.slice(2).join(" ")} (--json prints the stages' times)`,
  );
  process.exit(2);
}
const forPrograms = option === "--json";

const lab = join(clone, "lab", "lab");
const stages: Stage[] = [];
/** What is said on the way is not what a program asked for. */
const say = forPrograms ? console.error : console.log;
const shown = forPrograms ? process.stderr : process.stdout;
const bold = (text: string): string => (shown.isTTY ? `\x1b[1m${text}\x1b[0m` : text);

const stage = (name: string, command: string[], { quiet = false } = {}): string => {
  say(bold(`\n== ${name}`));
  const start = Date.now();
  const { status, stdout } = spawnSync(command[0] ?? lab, command.slice(1), {
    stdio: ["inherit", quiet ? "pipe" : shown, "inherit"],
    encoding: "utf8",
  });
  stages.push({ stage: name, seconds: (Date.now() - start) / 1_000 });
  if (status !== 0) {
    console.error(`\n${name} failed (exit code ${status}). Look around with: make lab-status, lab/lab shell`);
    process.exit(status ?? 1);
  }
  return (stdout ?? "").trim();
};

const tsx = ["node", "--import", "tsx"];

stage("lab: a cluster and its small internet", [lab, "up"]);
const project = stage(
  "project: a copy with the committed stack files",
  [lab, "run", ...tsx, join(__dirname, "project.ts")],
  { quiet: true },
);
stage("stack", [lab, "run", "pulumi", "-C", project, "stack", "select", "--create", "staging"]);
stage("pulumi up -s staging", [lab, "run", "pulumi", "-C", project, "up", "-s", "staging", "--yes", "--color", "auto"]);
stage("a look from outside", [lab, "run", ...tsx, join(__dirname, "look.ts")]);

if (forPrograms) {
  console.log(JSON.stringify(stages));
  process.exit(0);
}
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
