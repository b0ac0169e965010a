/** Makes the plugin a program of one file: each command of Pulumi starts it, and loading the hundreds that it consists of takes six times as long. */
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

export const bundlePlugin = async (program: string): Promise<void> => {
  await build({
    entryPoints: [join(__dirname, "main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    target: "node22",
    banner: { js: "#!/usr/bin/env node" },
    legalComments: "none",
    logLevel: "error",
  });
  await chmod(program, 0o755);
};
