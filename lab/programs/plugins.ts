/** Puts Pulumi's provider plugins where the engine looks for them: in PULUMI_HOME, under the versions of package.json. */
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import * as place from "../layout";
import { bundlePlugin } from "../plugin/bundle";
import type { Programs } from "../service";
import { installedPlugin } from "./installed";

/** Puts each provider's program below `directory`: Cloudflare's is the stand-in where none is installed, since it cannot be built from its module. */
export const linkPlugins = async (programs: Programs, directory: string): Promise<void> => {
  const { dependencies } = JSON.parse(await readFile(join(place.clone, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const plugins: Record<string, string | undefined> = {
    cloudflare: await installedPlugin("cloudflare"),
    kubernetes: programs.bin("pulumi-resource-kubernetes"),
    random: programs.bin("pulumi-resource-random"),
  };
  for (const [provider, program] of Object.entries(plugins)) {
    const at = join(directory, `resource-${provider}-v${dependencies[`@pulumi/${provider}`]}`);
    const name = join(at, `pulumi-resource-${provider}`);
    await mkdir(at, { recursive: true });
    await (program ? symlink(program, name) : bundlePlugin(name));
  }
};
