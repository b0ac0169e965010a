/** A Go module that the go.mod of one of our folders pins. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { output } from "../tools/process";

/** The version of `module` that a go.mod asks for. */
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

/** Where the sources of a module are, fetched if need be and checked against the folder's go.sum. */
export const sources = async (program: string, module: string): Promise<string> => {
  const download: unknown = JSON.parse(
    await output(["go", "mod", "download", "-json", module], { cwd: join(__dirname, program) }),
  );
  if (typeof download === "object" && download && "Dir" in download && typeof download.Dir === "string") {
    return download.Dir;
  }
  throw new Error(`go mod download gave no directory for ${module}`);
};
