/** The versions of Node that the package is tried under, besides the one that everything here runs on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clone } from "../layout";
import { output } from "../tools/process";

const { engines } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8")) as { engines: { node: string } };

/** The oldest that package.json promises, and the newest there is. */
export const nodeVersions = { oldest: `${engines.node.replace(">=", "")}.0`, newest: "26.12.1" };

/** The directory of one, which is fetched where that was not done yet: within a lab nothing can be. */
export const directoryOf = async (version: string): Promise<string> =>
  (await output([join(clone, "lab/programs/node/ensure"), version])).trim();

/** Fetches them. */
export const fetchNodeVersions = async (): Promise<void> => {
  for (const version of Object.values(nodeVersions)) await directoryOf(version);
};
