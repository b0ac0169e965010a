/** Release files as github.com serves them, made from the Go modules of the releases. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as place from "../layout";
import { key, madeOnce } from "./cache";
import { pinnedVersion, sources } from "./goModule";

/** Envoy Gateway's go.sum pins them all, because Envoy Gateway requires the Gateway API that goes with it. */
const program = "envoy-gateway";

const files = [
  {
    module: "sigs.k8s.io/gateway-api",
    folder: "config/crd/standard",
    path: (version: string) => `kubernetes-sigs/gateway-api/releases/download/${version}/standard-install.yaml`,
  },
  {
    module: "github.com/envoyproxy/gateway",
    folder: "charts/gateway-helm/charts/crds/crds/generated",
    path: (version: string) => `envoyproxy/gateway/releases/download/${version}/envoy-gateway-crds.yaml`,
  },
];

/** The directory of the files, under their paths on github.com. */
export const releases = async (): Promise<string> => {
  const versions = await Promise.all(files.map(({ module }) => pinnedVersion(program, module)));
  const id = key([...versions, await readFile(__filename)]);
  return madeOnce(join(place.cache, "releases", id), async (into) => {
    for (const { module, folder, path } of files) {
      const file = join(into, path(await pinnedVersion(program, module)));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await joined(join(await sources(program, module), folder)));
    }
  });
};

/** All manifests of a folder as one YAML stream. */
const joined = async (folder: string): Promise<string> => {
  const names = (await readdir(folder))
    .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml")
    .sort();
  const documents = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return documents.map((text) => `---\n${text.replace(/^---\n/, "")}`).join("");
};
