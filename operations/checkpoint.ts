/**
 * The stack's file in Pulumi's file backend, and the empty file of attributes that a killed Pulumi leaves beside it. Then every command ends
 * with "failed to load checkpoint: EOF", though the stack's file is whole: the attributes are written first, and are not needed.
 * https://github.com/google/go-cloud/blob/master/blob/fileblob/attrs.go
 */
import { existsSync, readFileSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { load } from "js-yaml";
import { pulumi } from "./pulumi";

/** Whether a command of Pulumi ended because of it. */
export const isUnreadable = (stderr: string): boolean => stderr.includes("failed to load checkpoint: EOF");

/**
 * Deletes the empty files of attributes, of the named stack or of all of the project, and returns their paths. The stack may be named in full,
 * as `organization/project/stack`.
 */
export const mendCheckpoint = async (stack: string | undefined): Promise<string[]> => {
  const root = await backendDirectory();
  if (!root) return [];
  const [name, project = projectName()] = (stack ?? "").split("/").reverse();
  const stacks = join(root, ".pulumi", "stacks");
  // Pulumi before 3.61 had the stacks of all projects in one directory.
  const directories = [...(project ? [join(stacks, project)] : []), stacks];
  const empty = (await Promise.all(directories.map((directory) => emptyAttributes(directory, name)))).flat();
  await Promise.all(empty.map((file) => rm(file)));
  return empty;
};

const emptyAttributes = async (directory: string, stack: string | undefined): Promise<string[]> => {
  const files = existsSync(directory) ? await readdir(directory) : [];
  const attributes = files.filter((file) => {
    const [, name] = /^(.+)\.json(?:\.gz|\.zst)?\.attrs$/.exec(file) ?? [];
    return name !== undefined && (!stack || name === stack);
  });
  const sizes = await Promise.all(attributes.map(async (file) => (await stat(join(directory, file))).size));
  return attributes.filter((_, index) => sizes[index] === 0).map((file) => join(directory, file));
};

/** Where the backend keeps its files, or undefined when it is none of files. */
const backendDirectory = async (): Promise<string | undefined> => {
  const { code, stdout } = await pulumi("whoami", "--json");
  const { url = "" }: { url?: string } = code === 0 ? JSON.parse(stdout) : {};
  const [, path] = /^file:\/\/([^?]*)/.exec(url) ?? [];
  return path === undefined ? undefined : resolve(path.replace(/^~/, homedir()));
};

/** The project that Pulumi would find from here. */
const projectName = (): string | undefined => {
  for (let directory = process.cwd(); ; directory = dirname(directory)) {
    const file = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"]
      .map((name) => join(directory, name))
      .find((path) => existsSync(path));
    if (file) return (load(readFileSync(file, "utf8")) as { name?: string } | undefined)?.name;
    if (directory === dirname(directory)) return undefined;
  }
};
