/** The lab's command line. `run` and `shell` are handled by the script that starts this, for they must be quick. */
import { takeDown } from "../cluster/takeDown";
import { name } from "../layout";
import { assemble } from "../programs/assembly";
import { say } from "./progress";
import { meetRequirements } from "./requirements";
import { describe, status } from "./status";
import { changing, up } from "./up";

const help = `lab/lab COMMAND: a small internet on one machine, with a cluster in it

  up              put the lab up, building what is missing (some 40 minutes the first time, seconds later)
  down            take it down, without a trace; what was built stays in the cache
  status [--json] what runs, since when, how much memory, and whether anything tried to leave
  run COMMAND...  run a command inside: pulumi, kubectl and curl see the lab's internet and accounts
  shell           a shell inside
  build           build the programs and images only

LAB=name chooses another lab beside the first; they share nothing but what was built.
Exit codes: 0 done; 1 failed, with the reason on the last lines; 2 unknown command; run passes on its command's.`;

const commands: Record<string, (args: string[]) => Promise<void>> = {
  up,
  down: () =>
    changing(async () => {
      await takeDown();
      say(`lab "${name}" is down`);
    }),
  status: async (args) => {
    const found = await status();
    console.log(args.includes("--json") ? JSON.stringify(found, undefined, 2) : describe(found));
  },
  build: async () => {
    await meetRequirements();
    await assemble((what, state) => say(`${what}: ${state}`));
  },
};

const main = async ([command = "--help", ...args]: string[]): Promise<number> => {
  if (command === "--help" || command === "help" || args.includes("--help")) {
    console.log(help);
    return 0;
  }
  const chosen = commands[command];
  if (!chosen) {
    console.error(
      `lab: command must be one of ${Object.keys(commands).join(", ")}, run or shell, got "${command}" (see lab/lab --help)`,
    );
    return 2;
  }
  await chosen(args);
  return 0;
};

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
