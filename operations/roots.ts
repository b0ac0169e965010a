/** Roots that people trust besides Node's, from a file. */
import { readFile } from "node:fs/promises";
import { CommandError, exitCodes } from "./exit";

/** Reads it as PEM. Errors: a `CommandError` for a file that cannot be read, or has no certificate. */
export const readRoots = async (file: string): Promise<string> => {
  const pem = await readFile(file, "utf8").catch((error: Error) => error);
  if (typeof pem === "string" && pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  const got = typeof pem === "string" ? "no certificate in it" : pem.message;
  throw new CommandError(`--ca-file must be a file of certificates as PEM, got ${file}: ${got}`, exitCodes.usage);
};
