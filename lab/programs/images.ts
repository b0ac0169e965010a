/** The images that the cluster runs, under the names that the charts ask for. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { staticServerImage, whoamiImage } from "../../components/rules/versions";
import * as place from "../layout";
import type { Programs } from "../service";
import { output } from "../tools/process";
import type { Report } from "./build";
import { key, madeOnce } from "./cache";
import { certificateAuthority } from "./certificateAuthority";
import { pinnedVersion, sources } from "./goModule";
import { type ImageContent, writeImage } from "./image";
import { inMirror } from "./mirror";
import type { VersionsOf } from "./programs";

/** The sandbox image of every pod. */
export const pauseImage = "registry.k8s.io/pause:3.10.1";

/** An image's archive to import, and all names of the image. */
export interface Image {
  archive: string;
  names: string[];
}

interface Recipe extends ImageContent {
  name: string;
  names: string[];
}

/** Makes the missing archives. `programs` must have every program of an image. */
export const images = async (programs: Programs, sets: VersionsOf[], report: Report = () => {}): Promise<Image[]> => {
  await certificateAuthority();
  const made: Image[] = [];
  for (const recipe of (await recipes(programs, sets)).map(withCopies)) {
    const directory = join(place.cache, "images", `${recipe.name}-${await inputs(recipe)}`);
    const what = `image ${recipe.name}`;
    const make = (into: string) => {
      report(what, "building");
      return writeImage(into, recipe.names, recipe).then(() => report(what, "built"));
    };
    await madeOnce(directory, make, () => report(what, "waiting"));
    made.push({ archive: join(directory, "image.tar"), names: recipe.names });
  }
  return made;
};

/** What the nodes themselves run does not come from the edge's mirror. */
const withCopies = (recipe: Recipe): Recipe => {
  const copied = recipe.names.filter((name) => !name.startsWith("registry.k8s.io/"));
  return { ...recipe, names: [...recipe.names, ...copied.map(inMirror)] };
};

/** What an image depends on. The path of a built program has its pins; size and date stand for the machine's own files. */
const inputs = async (recipe: Recipe): Promise<string> => {
  const dates = await Promise.all(
    Object.values(recipe.programs).map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      return `${size} ${mtimeMs}`;
    }),
  );
  return key([
    JSON.stringify(recipe),
    ...dates,
    await readFile(place.ca.bundle),
    await readFile(join(__dirname, "image.ts")),
  ]);
};

const recipes = async (programs: Programs, sets: VersionsOf[]): Promise<Recipe[]> => {
  const { bin } = programs;
  const coredns = await pinnedVersion("coredns", "github.com/coredns/coredns");
  const edges = await Promise.all(sets.map((set) => edge(programs, set)));
  return [
    one(programs, pauseImage, "pause", "pause", "65535:65535"),
    one(programs, `registry.k8s.io/coredns/coredns:${coredns}`, "coredns", "coredns"),
    ...edges.flat(),
    one(programs, whoamiImage, "whoami", "whoami"),
    await nginx(bin("nginx"), bin("mime.types")),
  ];
};

/** An image of one program at a path. */
const one = ({ bin }: Programs, image: string, program: string, path: string, user?: string): Recipe => ({
  name: program,
  names: [image],
  programs: { [path]: bin(program) },
  entrypoint: [`/${path}`],
  user,
});

/** What a version set runs. */
const edge = async (programs: Programs, set: VersionsOf): Promise<Recipe[]> => {
  const certManager = await pinnedVersion(`${set}cert-manager`, "github.com/cert-manager/cert-manager");
  const envoyGateway = await pinnedVersion(`${set}envoy-gateway`, "github.com/envoyproxy/gateway");
  const ofCertManager = (command: string) => {
    const path = command === "startupapicheck" ? command : `app/cmd/${command}/${command}`;
    const image = `quay.io/jetstack/cert-manager-${command}:${certManager}`;
    return one(programs, image, `${set}cert-manager-${command}`, path, "1000");
  };
  return [
    ...["controller", "webhook", "cainjector", "acmesolver", "startupapicheck"].map(ofCertManager),
    {
      ...one(
        programs,
        `docker.io/envoyproxy/gateway:${envoyGateway}`,
        `${set}envoy-gateway`,
        "usr/local/bin/envoy-gateway",
        "65532:65532",
      ),
      writable: ["var/lib/eg"],
    },
    await envoy(programs, set),
  ];
};

/** The oldest Envoy that can be had stands in for the guide's, with its name. */
const envoy = async ({ bin }: Programs, set: VersionsOf): Promise<Recipe> => {
  const program = bin(`${set}envoy`);
  return {
    name: `${set}envoy`,
    names: imageNames(await defaultEnvoyImage(set)),
    programs: { "usr/local/bin/envoy": program, ...(await libraries(program)) },
    entrypoint: ["/usr/local/bin/envoy"],
    user: "65532:65532",
  };
};

/** nginx as Debian has it stands in for the newer one of its own image, with the same paths. */
const nginx = async (program: string, types: string): Promise<Recipe> => ({
  name: "nginx",
  names: [staticServerImage],
  programs: { "usr/sbin/nginx": program, "etc/nginx/mime.types": types, ...(await libraries(program)) },
  entrypoint: ["/usr/sbin/nginx"],
  user: "101:101",
});

/** The machine's libraries that a program which is not static needs, the C library among them. */
const libraries = async (program: string): Promise<Record<string, string>> => {
  const paths = [...(await output(["ldd", program])).matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  return Object.fromEntries(paths.map((path) => [path.slice(1), path]));
};

/** The image that a set's Envoy Gateway deploys by default. */
const defaultEnvoyImage = async (set: VersionsOf): Promise<string> => {
  const gateway = await sources(`${set}envoy-gateway`, "github.com/envoyproxy/gateway");
  const types = join(gateway, "api/v1alpha1/shared_types.go");
  const [, image] = /DefaultEnvoyProxyImage = "(.+)"/.exec(await readFile(types, "utf8")) ?? [];
  if (!image) throw new Error(`${types} must name the default image of Envoy`);
  return image;
};

/** The names by which a reference is asked for. The kubelet drops the tag when there is a digest, and people may drop the digest. */
export const imageNames = (reference: string): string[] => {
  const [tagged = "", digest] = reference.split("@");
  return digest ? [tagged, `${tagged.slice(0, tagged.lastIndexOf(":"))}@${digest}`] : [tagged];
};
