/** Prints what fails of a steady load while a running edge is changed, and while one of its nodes is lost. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../layout";
import { start } from "../tools/process";
import type { Loss } from "./changes";
import { measure } from "./measure";
import { freshLab, freshStack, tsx } from "./stack";

/** Puts an edge up in a fresh lab, and makes each change of it. */
export const rolling = async (): Promise<void> => {
  await freshLab();
  const { project, pulumi } = await freshStack();
  await pulumi("up", "--yes", "--skip-preview");
  console.log("requests of four clients, by HTTP/1.1 and HTTP/2, over new connections and kept ones, during a");
  console.log((await measure(tsx("bench/changes.ts", project))).stdout.trimEnd());
  await lostNode(project);
};

const lostNode = async (project: string): Promise<void> => {
  let killed = 0;
  let said = "";
  const { ended } = start(tsx("bench/changes.ts", project, "lost node"), {}, (line) => {
    said = line;
    if (line !== "ready") return;
    killed = Date.now();
    process.kill(Number(readFileSync(join(run, "nodes/node-2/pid"), "utf8")), "SIGKILL");
  });
  await ended;
  const { noticed, outcomes }: Loss = JSON.parse(said);
  console.log(`  loss of a node, which the load balancer noticed after ${noticed - killed} ms`);
  for (const [kind, { requests, failures, longestGap }] of Object.entries(outcomes))
    console.log(`    ${kind.padEnd(16)} ${failures.length} of ${requests} failed, longest gap ${longestGap} ms`);
};
