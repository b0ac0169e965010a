/** The lab's command line. The script that starts it handles `run` and `shell` itself, because they must be quick. */
import { browserPackage } from "../client/browser";
import { fetchNodeVersions } from "../client/nodeVersions";
import { pythonPackage, pythonSdk } from "../client/python/sdk";
import { takeDown } from "../cluster/takeDown";
import { name } from "../layout";
import { assemble } from "../programs/assembly";
import { say } from "./progress";
import { meetRequirements } from "./requirements";
import { describe, status } from "./status";
import { changing, up } from "./up";

const help = `lab/lab COMMAND: a small internet on one machine, with a cluster in it

  up              put the lab up and build what is missing (about 40 minutes the first time, seconds after that)
  down            take the lab down without a trace; built programs stay in the cache
  status [--json] what runs, since when, its memory, and whether anything tried to leave
  run COMMAND...  run a command inside; pulumi, kubectl and curl use the lab's internet and accounts
  shell           a shell inside
  build           build the programs and images only
                  (up and build: --guide adds the versions of the set of that name, some 6 minutes more the first time)
  browser         install Chromium, for whoever looks at pages
  node-versions   fetch the oldest and the newest Node, for whoever tries the package under them
  python-sdk      fetch Pulumi's SDK for Python, for whoever runs a program in Python

LAB=name chooses another lab beside the first. Labs share only what was built.
Exit codes: 0 done; 1 failed, with the reason on the last lines; 2 unknown command. run ends with its command's code.`;

const wantedOf = (args: string[]) => ({ guide: args.includes("--guide") });

const commands: Record<string, (args: string[]) => Promise<void>> = {
  up: (args) => up(wantedOf(args)),
  down: () =>
    changing(async () => {
      await takeDown();
      say(`lab "${name}" is down`);
    }),
  status: async (args) => {
    const found = await status();
    console.log(args.includes("--json") ? JSON.stringify(found, undefined, 2) : describe(found));
  },
  build: async (args) => {
    await meetRequirements();
    await assemble((what, state) => say(`${what}: ${state}`), wantedOf(args));
  },
  browser: () => meetRequirements(browserPackage),
  "node-versions": fetchNodeVersions,
  "python-sdk": async () => {
    await meetRequirements(pythonPackage);
    await pythonSdk();
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
