/** Somebody's own page: one HTML file, or a folder with all that its pages need. */
import { type Dirent, readdirSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { edgeError } from "./resources/error";
import * as limits from "./rules/limits";

/** Files by their paths below the root, sorted. */
export type Site = Map<string, Buffer>;

/** What reading comes to, or what is wrong. */
export type Found<T> = { found: T } | { problem: string };

/** What was read for a setting. Errors: one `pulumi.RunError`, if it has changed since it was checked. */
export const foundFor = <T>(setting: string, read: Found<T>): T => {
  if ("problem" in read) throw edgeError(`${setting} ${read.problem}`);
  return read.found;
};

/** A file is a line of the pods' specification, which has to stay one that people can read. */
const mostFiles = 500;

/** Bytes of a ConfigMap, less those of the server's configuration. */
const mostBytes = limits.kubernetes.configMap - 16 * 1024;

const whence = "a path is taken from the folder that the program runs in";

/** The page of a folder, and the one for what is not there. */
export const index = "index.html";
export const notFound = "404.html";

/** Reads a page of at most so many bytes. */
export const readPage = (path: string, most = mostBytes): Found<string> => {
  const rule = `must be an HTML file, got "${path}"`;
  const bytes = attempt(() => readFileSync(path));
  if ("cause" in bytes) return { problem: `${rule} (${bytes.cause}; ${whence})` };
  const tooLarge = checkSize(bytes.value.length, most);
  if (tooLarge) return { problem: tooLarge };
  const text = attempt(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes.value));
  if ("cause" in text) return { problem: `${rule} (it is not UTF-8: convert it)` };
  if (!/<[a-z!]/i.test(text.value)) return { problem: `${rule} (there is no tag in it)` };
  return { found: text.value };
};

/**
 * Reads a folder. What begins with a dot is left out, since it is an editor's or a version control's, or a secret; but `.well-known` is
 * there to be served: https://www.rfc-editor.org/rfc/rfc8615
 */
export const readFolder = (path: string): Found<Site> => {
  const read = attempt(() => ({ root: realpathSync(path), files: filesBelow(path) }));
  const rule = `must be a folder with an ${index}, got "${path}"`;
  if ("cause" in read) return { problem: `${rule} (${read.cause}; ${whence})` };
  const files = read.value.files.map((file) => ({ file, ...kindOf(file, read.value.root) }));
  const bad = files.find(({ problem }) => problem);
  if (bad) return { problem: `must hold plain files, got "${below(path, bad.file)}" (${bad.problem})` };
  if (!files.some(({ file }) => below(path, file) === index)) return { problem: `${rule} (it has none)` };
  if (files.length > mostFiles)
    return {
      problem: `must hold at most ${mostFiles} files, got ${files.length} (serve a larger site by an application)`,
    };
  const tooLarge = checkSize(
    files.reduce((sum, { size }) => sum + size, 0),
    mostBytes,
  );
  if (tooLarge) return { problem: tooLarge };
  return { found: new Map(files.map(({ file }) => [below(path, file), readFileSync(file)])) };
};

const checkSize = (bytes: number, most: number): string | undefined =>
  bytes > most
    ? `must have at most ${most} bytes in all, got ${bytes} (make its images smaller, or serve it by an application)`
    : undefined;

/** Paths of all that is to be served; a link's own, wherever it leads. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") || name === ".well-known")
    .sort((a: Dirent, b: Dirent) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });

const kindOf = (file: string, root: string): { size: number; problem?: string } => {
  const real = attempt(() => realpathSync(file));
  if ("cause" in real) return { size: 0, problem: "a link that leads nowhere: take it out" };
  if (!real.value.startsWith(root + sep))
    return { size: 0, problem: "a link out of the folder: put the file itself there" };
  const stats: Stats = statSync(file);
  if (stats.isDirectory()) return { size: 0, problem: "a link to a folder: put the files themselves there" };
  return stats.isFile() ? { size: stats.size } : { size: 0, problem: "neither a file nor a folder: take it out" };
};

const below = (folder: string, file: string): string => relative(folder, file).split(sep).join("/");

const attempt = <T>(work: () => T): { value: T } | { cause: string } => {
  try {
    return { value: work() };
  } catch (error) {
    return { cause: causes[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message };
  }
};

/** What people say for the errors that a wrong path ends with. */
const causes: Record<string, string> = {
  ENOENT: "there is none",
  EISDIR: "it is a folder",
  ENOTDIR: "it is a file",
  EACCES: "it may not be read",
};
