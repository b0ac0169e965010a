/** Puts Pulumi's provider plugins where the engine looks for them: in PULUMI_HOME, under the versions of package.json. */
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import * as place from "../layout";
import type { Programs } from "../service";
import { installedPlugin } from "./installed";

/** Replaces the Cloudflare plugin where none is installed. The real one cannot be built from its module. */
const standIn = join(place.clone, "lab", "plugin", "pulumi-resource-cloudflare");

/** Links each provider's program below `directory`. */
export const linkPlugins = async (programs: Programs, directory: string): Promise<void> => {
  const { dependencies } = JSON.parse(await readFile(join(place.clone, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const plugins: Record<string, string> = {
    cloudflare: (await installedPlugin("cloudflare")) ?? standIn,
    kubernetes: programs.bin("pulumi-resource-kubernetes"),
    random: programs.bin("pulumi-resource-random"),
  };
  for (const [provider, program] of Object.entries(plugins)) {
    const at = join(directory, `resource-${provider}-v${dependencies[`@pulumi/${provider}`]}`);
    await mkdir(at, { recursive: true });
    await symlink(program, join(at, `pulumi-resource-${provider}`));
  }
};
