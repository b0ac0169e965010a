/** What a running lab was put up from, as one hash: a change of any of it asks for a new one. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { clone } from "../place";
import type { Assembly } from "../programs/assembly";

const folders = ["lab/node", "lab/outside", "lab/plugin", "lab/command"];
const files = ["lab/place.ts", "lab/service.ts", "package-lock.json"];

/** The hash over the built programs and images, and the sources that put them up. */
export const pinsOf = (assembly: Assembly): string => {
  const hash = createHash("sha256").update(JSON.stringify(assembly));
  const sources = folders.flatMap((folder) =>
    readdirSync(join(clone, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of [...sources, ...files.map((name) => join(clone, name))].sort()) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 12);
};
