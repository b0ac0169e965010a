/** Builds the lab's programs, each once per pin. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as place from "../layout";
import { type Programs, programsOf } from "../service";
import { output } from "../tools/process";
import { key, madeOnce } from "./cache";
import { compile, goFlags } from "./compile";
import { installed } from "./installed";
import { type Program, programs } from "./programs";

/** `installed`: the machine's own is used. `waiting`: another process is at work. Each name ends with one of the last three. */
export type State = "waiting" | "building" | "built" | "cached" | "installed";
export type Report = (name: string, state: State) => void;

/** Programs built at once: while one fetches its sources or is linked, which leaves cores idle, the other is compiled. */
const lanes = 2;

/** What a lab needs, in the order in which it is built: quick ones first. `guide` adds what is of the guide's versions. */
export const namesOf = ({ guide = false } = {}): string[] =>
  programs.filter(({ set }) => guide || set !== "guide").map(({ name }) => name);

/** The binaries of the named programs, built where they are missing. */
export async function build(wanted: string[] = namesOf(), report: Report = () => {}): Promise<Programs> {
  const known = programs.map((program) => program.name);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length) throw new Error(`no program ${unknown.join(", ")}; there are ${known.join(", ")}`);

  const binaries = new Map<string, string>();
  const goVersion = await output(["go", "env", "GOVERSION"]);
  const queue = programs.filter(({ name }) => wanted.includes(name));
  const lane = async (): Promise<void> => {
    for (let program = queue.shift(); program; program = queue.shift()) {
      const own = await installed(program.name);
      if (own) {
        report(program.name, "installed");
        binaries.set(program.name, own);
        continue;
      }
      const directory = await built(program, goVersion, report);
      for (const name of await readdir(directory)) binaries.set(name, join(directory, name));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  // Sorted, since whoever compares two builds must not see which lane was the faster one.
  return programsOf(Object.fromEntries([...binaries].sort()));
}

async function built(program: Program, goVersion: string, report: Report): Promise<string> {
  const { name } = program;
  const directory = join(place.cache, "programs", `${name}-${await pins(program, goVersion)}`);
  if (existsSync(directory)) {
    report(name, "cached");
  } else {
    const make = (into: string) => {
      report(name, "building");
      return compile(program, into);
    };
    await madeOnce(directory, make, () => report(name, "waiting"));
    report(name, "built");
  }
  return join(directory, "bin");
}

/** Changes when the program's folder, its way of being built or the compiler does. */
async function pins(program: Program, goVersion: string): Promise<string> {
  const inputs: (string | Uint8Array)[] = [JSON.stringify(program)];
  // What the distribution has at the time is taken, as of the packages that are installed.
  if ("debian" in program) return key(inputs);
  if (!("wheel" in program)) inputs.push(goVersion, ...(await goFlags(program)));
  const folders = ["sources" in program ? program.sources : undefined, program.name];
  for (const folder of folders.filter((each) => each !== undefined).map((each) => join(__dirname, each))) {
    for (const path of (await readdir(folder, { recursive: true })).sort()) {
      const content = await readFile(join(folder, path)).catch((error) => {
        if (error.code === "EISDIR") return "";
        throw error;
      });
      inputs.push(path, content);
    }
  }
  return key(inputs);
}
