/** A stack of the staging edge in a lab of its own, to be measured from outside of it. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { clone, pulumiHome } from "../layout";
import { type Cost, measure } from "./measure";

/** The lab's commands. */
export const lab = join(clone, "lab", "lab");

/** A command in the lab. */
export const inLab = (...command: string[]): string[] => [lab, "run", ...command];

/** A program below lab/, run in the lab. */
export const tsx = (file: string, ...args: string[]): string[] =>
  inLab("node", "--import", "tsx", join(clone, "lab", file), ...args);

/** How long a challenge's record may spread, in all that is measured. */
export const wait = "3s";

/** Puts up a lab in which nothing has been done yet, and tells what that cost. */
export const freshLab = async (): Promise<Cost> => {
  await measure([lab, "down"]);
  return measure([lab, "up"]);
};

/** A stack of the staging edge in a fresh lab, not yet up: its folder, and its commands. */
export const freshStack = async () => {
  const project = (await measure(tsx("demo/project.ts"))).stdout.trim();
  const pulumi = (...args: string[]): Promise<Cost> =>
    // The log of events is a command for debugging.
    measure(
      inLab(
        "env",
        "PULUMI_DEBUG_COMMANDS=1",
        "pulumi",
        "-C",
        project,
        "--non-interactive",
        ...args,
        "--stack",
        "staging",
      ),
    );
  await measure(inLab("pulumi", "-C", project, "stack", "init", "staging"));
  await pulumi("config", "set", "--path", "https-edge:acme.waitInsteadOfSelfCheck", wait);
  return { project, pulumi };
};

/** Size of that stack's state as the file backend keeps it, in bytes. */
export const storedState = (): number =>
  statSync(join(pulumiHome, "state/.pulumi/stacks/https-edge/staging.json")).size;
