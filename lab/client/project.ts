/** A working copy of the Pulumi project, with the committed stack files, so that what a stack adds to them stays out of the clone. */
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { clone, run } from "../place";

const files = [
  "Pulumi.yaml",
  "Pulumi.staging.yaml",
  "Pulumi.prod.yaml",
  "index.ts",
  "components",
  "package.json",
  "tsconfig.json",
];

/** Copies the program into the lab's run directory and returns where it is. What was there under the name is gone. */
export const copyProject = (name: string): string => {
  const at = join(run, "projects", name);
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at, { recursive: true });
  for (const file of files) cpSync(join(clone, file), join(at, file), { recursive: true });
  symlinkSync(join(clone, "node_modules"), join(at, "node_modules"));
  return at;
};
