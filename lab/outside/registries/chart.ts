/** A packaged chart as `helm push` stores it in a registry. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { load } from "js-yaml";
import { output } from "../../tools/process";

export interface Blob {
  mediaType: string;
  digest: string;
  size: number;
  content: Buffer;
}

export interface Artifact {
  config: Blob;
  layer: Blob;
  manifest: Buffer;
}

export const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** The config is Chart.yaml as JSON. The one layer is the archive itself. */
export const artifact = async (file: string): Promise<Artifact> => {
  const chart = await output(["tar", "-xzOf", file, "--wildcards", "--no-wildcards-match-slash", "*/Chart.yaml"]);
  const metadata = load(chart);
  const config = blob("application/vnd.cncf.helm.config.v1+json", Buffer.from(JSON.stringify(metadata)));
  const layer = blob("application/vnd.cncf.helm.chart.content.v1.tar+gzip", await readFile(file));
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: descriptor(config),
    layers: [descriptor(layer)],
    annotations: annotations(metadata),
  };
  return { config, layer, manifest: Buffer.from(JSON.stringify(manifest)) };
};

/** Registries allow no plus sign in a tag. */
export const tag = (version: string): string => version.replaceAll("+", "_");

const blob = (mediaType: string, content: Buffer): Blob => {
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  return { mediaType, digest, size: content.length, content };
};

const descriptor = ({ mediaType, digest, size }: Blob) => ({ mediaType, digest, size });

const annotations = (metadata: unknown): Record<string, string> => {
  const found: Record<string, string> = {};
  if (typeof metadata !== "object" || metadata === null) return found;
  for (const [key, name] of [
    ["name", "title"],
    ["version", "version"],
    ["description", "description"],
  ] as const) {
    const value = Object.entries(metadata).find(([each]) => each === key)?.[1];
    if (typeof value === "string") found[`org.opencontainers.image.${name}`] = value;
  }
  return found;
};
