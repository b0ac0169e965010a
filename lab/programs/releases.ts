/** Files as GitHub serves them, of releases and of tags, made from the Go modules of the releases. */
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as place from "../layout";
import { key, madeOnce } from "./cache";
import { pinnedVersion, sources } from "./goModule";
import type { VersionsOf } from "./programs";

/** A folder of manifests in a module, and where it is published: as one file of a release, or as it is, below raw/. */
interface Published {
  module: string;
  folder: string;
  path: (version: string) => string;
}

const gatewayApi: Published = {
  module: "sigs.k8s.io/gateway-api",
  folder: "config/crd/standard",
  path: (version) => `kubernetes-sigs/gateway-api/releases/download/${version}/standard-install.yaml`,
};

const published: Record<VersionsOf, Published[]> = {
  "": [
    gatewayApi,
    {
      module: "github.com/envoyproxy/gateway",
      folder: "charts/gateway-helm/charts/crds/crds/generated",
      path: (version) => `envoyproxy/gateway/releases/download/${version}/envoy-gateway-crds.yaml`,
    },
  ],
  "guide-": [
    gatewayApi,
    {
      module: "github.com/envoyproxy/gateway",
      folder: "charts/gateway-helm/crds/generated",
      path: (version) => `raw/envoyproxy/gateway/${version}/charts/gateway-helm/crds/generated`,
    },
  ],
};

/** The directory of the files, under their paths on github.com; below raw/ those on raw.githubusercontent.com. */
export const releases = async (sets: VersionsOf[]): Promise<string> => {
  const wanted = await Promise.all(
    sets.flatMap((set) => published[set].map((each) => versioned(`${set}envoy-gateway`, each))),
  );
  const id = key([...wanted.map(({ version }) => version), await readFile(__filename)]);
  return madeOnce(join(place.cache, "releases", id), async (into) => {
    for (const { program, module, version, folder, path } of wanted) {
      const from = join(await sources(program, module), folder);
      const to = join(into, path(version));
      await mkdir(dirname(to), { recursive: true });
      if (to.endsWith(".yaml")) await writeFile(to, await joined(from));
      else await cp(from, to, { recursive: true });
    }
  });
};

/** Envoy Gateway's go.sum pins both modules, because Envoy Gateway requires the Gateway API that goes with it. */
const versioned = async (program: string, each: Published) => ({
  ...each,
  program,
  version: await pinnedVersion(program, each.module),
});

/** All manifests of a folder as one YAML stream. */
const joined = async (folder: string): Promise<string> => {
  const names = (await readdir(folder))
    .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml")
    .sort();
  const documents = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return documents.map((text) => `---\n${text.replace(/^---\n/, "")}`).join("");
};
