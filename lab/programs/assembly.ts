/** Everything that a lab is made of. The run directory keeps it, because there is no toolchain inside the lab. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../layout";
import { build, type Report } from "./build";
import { type Chart, charts } from "./charts";
import { imageStore } from "./imageStore";
import { type Image, images } from "./images";
import { releases } from "./releases";

/** The paths of everything that was built. */
export interface Assembly {
  /** Binaries by name. */
  programs: Record<string, string>;
  images: Image[];
  /** Directory with all images as a containerd keeps them. */
  imageStore: string;
  charts: Chart[];
  /** Directory with the files of GitHub releases. */
  releases: string;
}

const path = join(run, "assembly.json");

/** Builds what is missing. */
export const assemble = async (report: Report = () => {}): Promise<Assembly> => {
  const programs = await build(undefined, report);
  const made = await images(programs, report);
  return {
    programs: programs.all(),
    images: made,
    imageStore: await imageStore(made, report),
    charts: await charts(),
    releases: await releases(),
  };
};

export const writeAssembly = (assembly: Assembly): void => writeFileSync(path, JSON.stringify(assembly, undefined, 2));

export const readAssembly = (): Assembly => JSON.parse(readFileSync(path, "utf8")) as Assembly;
