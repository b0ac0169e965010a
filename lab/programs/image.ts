/** Writes a container image of one layer as an OCI archive for `ctr images import`. It needs no daemon and no base image. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as place from "../layout";
import { output } from "../tools/process";

export interface ImageContent {
  /** Files of the image, each with the machine's file that it is a copy of. */
  programs: Record<string, string>;
  /** Directories that every user may write to. */
  writable?: string[];
  entrypoint: string[];
  user?: string;
}

/** Files of every image without a shell: users, certificate authorities, /tmp. */
const users = [
  { name: "root", id: 0, home: "/root" },
  { name: "nobody", id: 65534, home: "/nonexistent" },
  { name: "nonroot", id: 65532, home: "/home/nonroot" },
];
const base = {
  "etc/passwd": users.map(({ name, id, home }) => `${name}:x:${id}:${id}:${name}:${home}:/sbin/nologin\n`).join(""),
  "etc/group": users.map(({ name, id }) => `${name}:x:${id}:\n`).join(""),
  "etc/nsswitch.conf": "hosts: files dns\n",
};
const authorities = "etc/ssl/certs/ca-certificates.crt";

// The same files give the same archive on every machine and at any time.
const reproducible = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"];

/** Writes an image to `into`/image.tar, under each of the names. */
export const writeImage = async (into: string, names: string[], content: ImageContent): Promise<void> => {
  const root = join(into, "root");
  const archive = join(into, "archive");
  const blobs = join(archive, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  await fillRoot(root, content);

  const layerFile = join(into, "layer.tar");
  await output(["tar", "-cf", layerFile, ...reproducible, "-C", root, "."]);
  const layer = await descriptor("layer.v1.tar", layerFile);
  await rename(layerFile, join(blobs, layer.digest.slice("sha256:".length)));

  const blob = async (type: string, value: object) => {
    const file = join(into, "blob.json");
    await writeFile(file, JSON.stringify(value));
    const described = await descriptor(type, file);
    await rename(file, join(blobs, described.digest.slice("sha256:".length)));
    return described;
  };
  const platform = { architecture: "amd64", os: "linux" };
  const manifest = await blob("manifest.v1+json", {
    schemaVersion: 2,
    mediaType: mediaType("manifest.v1+json"),
    config: await blob("config.v1+json", {
      ...platform,
      config: {
        Entrypoint: content.entrypoint,
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", `SSL_CERT_FILE=/${authorities}`],
        User: content.user,
      },
      rootfs: { type: "layers", diff_ids: [layer.digest] },
    }),
    layers: [layer],
  });
  const manifests = names.map((name) => ({
    ...manifest,
    platform,
    annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name },
  }));
  const index = { schemaVersion: 2, mediaType: mediaType("index.v1+json"), manifests };
  await writeFile(join(archive, "index.json"), JSON.stringify(index));
  await writeFile(join(archive, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await output([
    "tar",
    "-cf",
    join(into, "image.tar"),
    ...reproducible,
    "-C",
    archive,
    "oci-layout",
    "index.json",
    "blobs",
  ]);
  await rm(root, { recursive: true });
  await rm(archive, { recursive: true });
};

const fillRoot = async (root: string, { programs, writable = [] }: ImageContent): Promise<void> => {
  const directory = async (path: string, mode: number) => {
    await mkdir(join(root, path), { recursive: true });
    await chmod(join(root, path), mode);
  };
  await directory("tmp", 0o1777);
  for (const path of writable) await directory(path, 0o777);
  for (const [path, text] of Object.entries(base)) {
    await directory(dirname(path), 0o755);
    await writeFile(join(root, path), text);
  }
  for (const [path, from] of Object.entries({ [authorities]: place.ca.bundle, ...programs })) {
    await directory(dirname(path), 0o755);
    await copyFile(from, join(root, path));
    await chmod(join(root, path), path in programs ? 0o755 : 0o644);
  }
};

const descriptor = async (type: string, file: string) => {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return { mediaType: mediaType(type), digest: `sha256:${hash.digest("hex")}`, size: (await stat(file)).size };
};

const mediaType = (name: string): string => `application/vnd.oci.image.${name}`;
