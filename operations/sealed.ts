/** Files that age encrypts, which `age -d` opens as well: https://age-encryption.org/v1 */
import { readFile, writeFile } from "node:fs/promises";
import { CommandError, exitCodes } from "./exit";

/** For whom it is sealed: public keys, or a passphrase. */
export interface Sealing {
  recipient?: string[];
  /** A file with the passphrase, of which the line's end is no part. */
  passphraseFile?: string;
}

/** By what it is opened: a file of private keys as age-keygen writes it, or a passphrase. */
export interface Opening {
  identity?: string;
  passphraseFile?: string;
}

/** Writes a text, sealed, to a file that must not be there. Errors: a `CommandError` for what cannot be sealed with or written to. */
export const seal = async (file: string, text: string, { recipient = [], passphraseFile }: Sealing): Promise<void> => {
  const { Encrypter } = await age();
  const encrypter = new Encrypter();
  if (recipient.length > 0 === (passphraseFile !== undefined))
    throw usage("--recipient or --passphrase-file must say for whom it is sealed, got both or neither");
  for (const each of recipient)
    told(`--recipient must be a public key of age, got "${each}"`, () => encrypter.addRecipient(each));
  if (passphraseFile !== undefined) encrypter.setPassphrase(await passphraseIn(passphraseFile));
  const sealed = await encrypter.encrypt(text);
  await writeFile(file, sealed, { mode: 0o600, flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    const got = error.code === "EEXIST" ? "one that is there already" : error.message;
    throw usage(`--out must be a file to write, got ${file}: ${got} (a backup is never written over)`);
  });
};

/** The text in a sealed file. Errors: a `CommandError` for what it cannot be opened with, or when it is none. */
export const open = async (file: string, { identity, passphraseFile }: Opening): Promise<string> => {
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  if ((identity === undefined) === (passphraseFile === undefined))
    throw usage("--identity or --passphrase-file must say by what it is opened, got both or neither");
  if (passphraseFile !== undefined) decrypter.addPassphrase(await passphraseIn(passphraseFile));
  for (const line of identity === undefined ? [] : (await read("--identity", identity)).split("\n")) {
    const key = line.trim();
    if (key && !key.startsWith("#"))
      told(`--identity must be a file of age-keygen, got ${identity}`, () => decrypter.addIdentity(key));
  }
  const sealed = await readFile(file).catch((error: Error) => {
    throw usage(`--in must be a file of https-edge backup, got ${file}: ${error.message}`);
  });
  try {
    return await decrypter.decrypt(sealed, "text");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw usage(`--in must be a file that this key or passphrase opens, got ${file}: ${message}`);
  }
};

/** It is written for modules of the newer kind, and loads a second of cryptography that no other command needs. */
const age = (): Promise<typeof import("age-encryption")> => import("age-encryption");

const passphraseIn = async (file: string): Promise<string> => {
  const passphrase = (await read("--passphrase-file", file)).replace(/\r?\n$/, "");
  if (passphrase.length < shortest)
    throw usage(
      `--passphrase-file must hold at least ${shortest} characters, got ${passphrase.length} in ${file} (whoever has the backup can try them all)`,
    );
  return passphrase;
};

const shortest = 16;

const read = (option: string, file: string): Promise<string> =>
  readFile(file, "utf8").catch((error: Error) => {
    throw usage(`${option} must be a file to read, got ${file}: ${error.message}`);
  });

const usage = (message: string): CommandError => new CommandError(message, exitCodes.usage);

const told = (problem: string, work: () => void): void => {
  try {
    work();
  } catch (error) {
    throw usage(`${problem}: ${error instanceof Error ? error.message : error}`);
  }
};
