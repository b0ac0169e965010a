/** Pulumi's SDK for Python with all that it needs, as requirements.txt pins it: what a user's virtual environment would have. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Packages } from "../../cli/requirements";
import { cache } from "../../layout";
import { key, madeOnce } from "../../programs/cache";
import { output } from "../../tools/process";

/** Debian's, since the lab has no other on its PATH. */
const python = "/usr/bin/python3";
/** The package that has its pip: another pip on PATH may be another Python's. */
export const pythonPackage: Packages = { "python3-pip": ["/usr/bin/pip3"] };
const requirements = join(__dirname, "requirements.txt");

/** Where the SDK is, for PYTHONPATH. It is fetched where that was not done yet: within a lab nothing can be. */
export const pythonSdk = async (): Promise<string> => {
  const version = await output([python, "--version"]);
  const directory = join(cache, `python-sdk-${key([version, await readFile(requirements)])}`);
  const pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--no-compile"];
  return madeOnce(directory, async (into) => {
    await output([...pip, "--target", into, "-r", requirements]);
  });
};
