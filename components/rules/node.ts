/** The Node that runs the program. */
import { isAtLeast } from "./versions";

/** The oldest that every library of the edge runs on; package.json's `engines` says the same, of which npm only warns. */
export const oldestNode = "22.19";

/** What is wrong with a version of Node; undefined when it will do. */
export const checkNode = (version: string): string | undefined =>
  isAtLeast(version.replace(/^v/, ""), oldestNode)
    ? undefined
    : `Node must be ${oldestNode} or later, got ${version} (install one, first on PATH: https://nodejs.org/en/download)`;
