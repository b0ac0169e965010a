/** The images as a containerd keeps them, unpacked: imported once, into one that runs for this alone. Each node is given them as they are. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as place from "../layout";
import { output, start } from "../tools/process";
import { until } from "../tools/until";
import type { Report } from "./build";
import { key, madeOnce } from "./cache";
import type { Image } from "./images";

/** The directory to give a containerd as its root. */
export const imageStore = async (images: Image[], report: Report): Promise<string> => {
  const archives = images.map(({ archive }) => archive);
  const inputs = key([JSON.stringify(archives), await output(["containerd", "--version"]), configuration("", "")]);
  const directory = join(place.cache, "image-stores", inputs);
  const make = async (into: string): Promise<void> => {
    report("image store", "building");
    await fill(into, archives);
    report("image store", "built");
  };
  return madeOnce(directory, make, () => report("image store", "waiting"));
};

const configuration = (root: string, state: string): string => `version = 2
root = "${root}"
state = "${state}"
disabled_plugins = [${[
  ...["grpc.v1.cri", "internal.v1.opt", "internal.v1.tracing", "tracing.processor.v1.otlp"],
  ...["aufs", "btrfs", "devmapper", "native", "zfs"].map((name) => `snapshotter.v1.${name}`),
]
  .map((name) => `"io.containerd.${name}"`)
  .join(", ")}]
[grpc]
  address = "${join(state, "containerd.sock")}"
`;

const fill = async (root: string, archives: string[]): Promise<void> => {
  // Not below the root: the name of a socket must be short.
  const state = await mkdtemp(join(tmpdir(), "lab-images-"));
  const file = join(state, "containerd.toml");
  await writeFile(file, configuration(root, state));
  const ctr = ["ctr", "--address", join(state, "containerd.sock"), "--namespace", "k8s.io"];
  const daemon = start([
    ...["setpriv", "--pdeathsig", "KILL"], // it does not outlive an interrupted build
    ...["unshare", "--mount", "containerd", "--config", file],
  ]);
  const early = daemon.ended.then((ended) => Promise.reject(new Error(`containerd has ended:\n${ended.output}`)));
  const imported = async (): Promise<void> => {
    await until("containerd for the images", () => output([...ctr, "version"]), { every: 50 });
    for (const archive of archives) await output([...ctr, "images", "import", "--digests=false", archive]);
  };
  try {
    await Promise.race([imported(), early]);
  } finally {
    if (daemon.pid) process.kill(daemon.pid);
    await early.catch(() => {});
    await rm(state, { recursive: true });
  }
};
