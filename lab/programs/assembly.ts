/** All that a lab is made of, once it is built: kept in the run directory, since inside the lab there is no toolchain. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../layout";
import { build, type Report } from "./build";
import { type Chart, charts } from "./charts";
import { type Image, images } from "./images";
import { releases } from "./releases";

/** Where each thing is. */
export interface Assembly {
  /** Binaries by name. */
  programs: Record<string, string>;
  images: Image[];
  charts: Chart[];
  /** Directory with the files of GitHub releases. */
  releases: string;
}

const path = join(run, "assembly.json");

/** Builds what is missing. */
export const assemble = async (report: Report = () => {}): Promise<Assembly> => {
  const programs = await build(undefined, report);
  return {
    programs: programs.all(),
    images: await images(programs, report),
    charts: await charts(),
    releases: await releases(),
  };
};

export const writeAssembly = (assembly: Assembly): void => writeFileSync(path, JSON.stringify(assembly, undefined, 2));

export const readAssembly = (): Assembly => JSON.parse(readFileSync(path, "utf8")) as Assembly;
