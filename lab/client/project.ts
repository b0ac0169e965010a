/** A working copy of the Pulumi project with the committed stack files. What a stack adds to its file stays out of the clone. */
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { clone, run } from "../layout";

const program = ["Pulumi.yaml", "index.ts", "settings", "components", "package.json", "tsconfig.json"];
const stacks = ["Pulumi.staging.yaml", "Pulumi.prod.yaml"];

/** Copies the program into the lab's run directory and returns the path of the copy. An earlier copy's stack files stay. */
export const copyProject = (name: string): string => {
  const at = join(run, "projects", name);
  mkdirSync(at, { recursive: true });
  const copy = (file: string) => cpSync(join(clone, file), join(at, file), { recursive: true });
  for (const file of program) {
    rmSync(join(at, file), { recursive: true, force: true });
    copy(file);
  }
  stacks.filter((file) => !existsSync(join(at, file))).forEach(copy);
  rmSync(join(at, "node_modules"), { force: true });
  symlinkSync(join(clone, "node_modules"), join(at, "node_modules"));
  return at;
};
