/** One hash over everything that a running lab was started from. When the hash changes, `lab up` starts the lab anew. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { clone } from "../layout";
import type { Assembly } from "../programs/assembly";

/** Parts of lab/ that a running lab does not use. */
const apart = /^(bench\/|client\/|demo\/|index\.ts$)/;

/** Hashes the built programs and images, and the sources that start them. */
export const pinsOf = (assembly: Assembly): string => {
  const hash = createHash("sha256").update(JSON.stringify(assembly));
  const lab = join(clone, "lab");
  const sources = readdirSync(lab, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !apart.test(relative(lab, file)));
  for (const file of [...sources, join(clone, "package-lock.json")].sort()) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 12);
};
