/** Go modules that the go.mod files of our folders pin. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { output } from "../tools/process";

/** The version of `module` that a go.mod requires. */
export const requiredVersion = (goMod: string, module: string): string => {
  for (const line of goMod.split("\n")) {
    const [path, version] = line
      .trim()
      .replace(/^require\s+/, "")
      .split(/\s+/);
    if (path === module && version?.startsWith("v")) return version;
  }
  throw new Error(`go.mod must require ${module}`);
};

export const pinnedVersion = async (program: string, module: string): Promise<string> =>
  requiredVersion(await readFile(join(__dirname, program, "go.mod"), "utf8"), module);

/** The directory of a module's sources. Go downloads them if need be, and checks them against the folder's go.sum. */
export const sources = async (program: string, module: string): Promise<string> => {
  const download: unknown = JSON.parse(
    await output(["go", "mod", "download", "-json", module], { cwd: join(__dirname, program) }),
  );
  if (typeof download === "object" && download && "Dir" in download && typeof download.Dir === "string") {
    return download.Dir;
  }
  throw new Error(`go mod download gave no directory for ${module}`);
};
