/** The log of the name servers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { log } from "../../layout";

/** Names of the real internet that somebody asked for, without duplicates. */
export const namesOutside = (): string[] => {
  const lines = readFileSync(join(log, "dns.log"), "utf8").split("\n");
  const names = lines.flatMap((line) => /outside the lab: \S+ (\S+?)\.?(\s|$)/.exec(line)?.[1] ?? []);
  return [...new Set(names)].sort();
};
