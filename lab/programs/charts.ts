/** The two Helm charts, packaged from their Go modules as their releases are. Helm only adds the version. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as place from "../layout";
import { output } from "../tools/process";
import { key, madeOnce } from "./cache";
import { pinnedVersion, sources } from "./goModule";
import type { VersionsOf } from "./programs";

/** A packaged chart, and its place in a registry. */
export interface Chart {
  file: string;
  repository: string;
  version: string;
}

interface Recipe {
  repository: string;
  program: string;
  module: string;
  /** The chart's folder in the module. */
  folder: string;
  /** Files that are made from templates in the same folder. */
  templates: Record<string, { from: string; values: (version: string) => Record<string, string> }>;
  /** Files that the release leaves out, besides the templates. */
  omitted: string[];
}

const recipes = (set: VersionsOf): Recipe[] => [
  {
    repository: "quay.io/jetstack/charts/cert-manager",
    program: `${set}cert-manager`,
    module: "github.com/cert-manager/cert-manager",
    folder: "deploy/charts/cert-manager",
    templates: {
      "README.md": { from: "README.template.md", values: (version) => ({ "{{RELEASE_VERSION}}": version }) },
      ...(set === "guide-" && {
        "Chart.yaml": { from: "Chart.template.yaml", values: () => ({ "{{IS_PRERELEASE}}": "false" }) },
      }),
    },
    omitted: [".gitignore", "signkey_annotation.txt", ...(set === "" ? ["tests"] : []), "values.linter.exceptions"],
  },
  {
    repository: "docker.io/envoyproxy/gateway-helm",
    program: `${set}envoy-gateway`,
    module: "github.com/envoyproxy/gateway",
    folder: "charts/gateway-helm",
    templates: {
      "values.yaml": {
        from: "values.tmpl.yaml",
        values: (version) => ({
          // biome-ignore-start lint/suspicious/noTemplateCurlyInString: placeholders of the template, for envsubst
          "${GatewayImage}": `docker.io/envoyproxy/gateway:${version}`,
          "${GatewayImagePullPolicy}": "IfNotPresent",
          // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
        }),
      },
    },
    omitted: [],
  },
];

export const charts = async (sets: VersionsOf[]): Promise<Chart[]> => {
  const packaged: Chart[] = [];
  for (const recipe of sets.flatMap(recipes)) packaged.push(await chart(recipe));
  return packaged;
};

const chart = async (recipe: Recipe): Promise<Chart> => {
  const { program, module, repository } = recipe;
  const version = await pinnedVersion(program, module);
  const name = basename(repository);
  const id = key([version, await readFile(__filename)]);
  const directory = await madeOnce(join(place.cache, "charts", `${name}-${id}`), async (into) => {
    const folder = join(into, name);
    await output(["cp", "-r", "--no-preserve=mode", join(await sources(program, module), recipe.folder), folder]);
    await fillIn(folder, recipe, version);
    await output([
      ...[
        "tar",
        "--create",
        "--file",
        join(into, `${name}-${version}.tgz`),
        "--use-compress-program",
        "gzip --no-name",
      ],
      ...["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"],
      ...["--directory", into, name],
    ]);
    await rm(folder, { recursive: true });
  });
  return { file: join(directory, `${name}-${version}.tgz`), repository, version };
};

const fillIn = async (folder: string, recipe: Recipe, version: string): Promise<void> => {
  for (const [file, { from, values }] of Object.entries(recipe.templates)) {
    const text = await readFile(join(folder, from), "utf8");
    await writeFile(join(folder, file), substituted(text, values(version)));
    await rm(join(folder, from));
  }
  const description = join(folder, "Chart.yaml");
  await writeFile(description, versioned(await readFile(description, "utf8"), version));
  for (const path of recipe.omitted) await rm(join(folder, path), { recursive: true });
};

/** A Chart.yaml with both its versions replaced. */
export const versioned = (chartYaml: string, version: string): string =>
  chartYaml.replace(/^version:.*$/m, `version: ${version}`).replace(/^appVersion:.*$/m, `appVersion: ${version}`);

/** Fills in a template. A missing placeholder means that the template has changed. */
export const substituted = (template: string, values: Record<string, string>): string =>
  Object.entries(values).reduce((text, [placeholder, value]) => {
    if (!text.includes(placeholder)) throw new Error(`the chart's template must have ${placeholder}`);
    return text.replaceAll(placeholder, () => value);
  }, template);
