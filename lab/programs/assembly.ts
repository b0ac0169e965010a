/** Everything that a lab is made of. The run directory keeps it, because there is no toolchain inside the lab. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../layout";
import { build, namesOf, type Report } from "./build";
import { type Chart, charts } from "./charts";
import { imageStore } from "./imageStore";
import { type Image, images } from "./images";
import type { VersionsOf } from "./programs";
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

/** What a lab is to have besides the current versions. */
export interface Wanted {
  /** What the version set of that name runs. */
  guide?: boolean;
}

/** Builds what is missing. */
export const assemble = async (report: Report = () => {}, { guide = false }: Wanted = {}): Promise<Assembly> => {
  const programs = await build(namesOf({ guide }), report);
  const sets: VersionsOf[] = guide ? ["", "guide-"] : [""];
  const made = await images(programs, sets, report);
  return {
    programs: programs.all(),
    images: made,
    imageStore: await imageStore(made, report),
    charts: await charts(sets),
    releases: await releases(sets),
  };
};

export const writeAssembly = (assembly: Assembly): void => writeFileSync(path, JSON.stringify(assembly, undefined, 2));

export const readAssembly = (): Assembly => JSON.parse(readFileSync(path, "utf8")) as Assembly;
