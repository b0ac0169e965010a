/** The main job, from an empty machine to a page over HTTPS, with the time of each stage. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { clone, trust } from "../place";

const lab = join(clone, "lab", "lab");
const stages: [string, number][] = [];
const bold = (text: string): string => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);

const stage = (name: string, command: string[], { quiet = false } = {}): string => {
  console.log(bold(`\n== ${name}`));
  const start = Date.now();
  const { status, stdout } = spawnSync(command[0] ?? lab, command.slice(1), {
    stdio: ["inherit", quiet ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
  });
  stages.push([name, Date.now() - start]);
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

console.log(bold("\n== time"));
for (const [name, milliseconds] of stages) console.log(`${(milliseconds / 1_000).toFixed(1).padStart(7)} s  ${name}`);
const total = stages.reduce((sum, [, milliseconds]) => sum + milliseconds, 0);
console.log(`${(total / 1_000).toFixed(1).padStart(7)} s  in all`);

console.log(`${bold("\n== what to try next")}
  lab/lab run curl --cacert ${trust.staging} https://whoami.staging.example.com
  lab/lab run kubectl get gateway,httproute,certificate,clusterissuer -A
  lab/lab run pulumi -C ${project} preview -s staging
  lab/lab shell          a shell in which all of this works without the prefix
  lab/lab status         what runs, and where the fake Cloudflare shows its records and tokens
  make lab-down          takes everything down`);
