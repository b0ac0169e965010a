/** What is downloaded: charts from two OCI registries, and release files. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../layout";
import { readAssembly } from "../../programs/assembly";
import type { Programs, Service } from "../../service";
import { ports } from "../front/names";
import { push } from "./push";

const registries = [
  { name: "registry-docker", host: "docker.io", port: ports.docker },
  { name: "registry-quay", host: "quay.io", port: ports.quay },
];

export async function prepare(): Promise<void> {
  for (const { name } of registries) await mkdir(join(run, name), { recursive: true });
}

export function services(programs: Programs): Service[] {
  const oci = registries.map(({ name, port }) => ({
    name,
    command: [
      ...[programs.bin("crane"), "registry", "serve"],
      ...["--address", `127.0.0.1:${port}`, "--disk", join(run, name)],
    ],
    ready: async () => (await fetch(`http://127.0.0.1:${port}/v2/`)).ok,
  }));
  const files = {
    name: "releases",
    command: [
      ...[process.execPath, "--import", require.resolve("tsx")],
      ...[join(__dirname, "releases", "main.ts"), String(ports.files)],
    ],
    ready: async () => (await fetch(`http://127.0.0.1:${ports.files}/`)).status === 404,
  };
  return [...oci, files];
}

/** Always: the registries keep blobs on disk, but manifests in memory. */
export async function afterStart(): Promise<void> {
  for (const chart of readAssembly().charts) {
    const registry = registries.find(({ host }) => chart.repository.startsWith(`${host}/`));
    if (registry === undefined) throw new Error(`no registry of the lab has ${chart.repository}`);
    await push(`http://127.0.0.1:${registry.port}`, chart);
  }
}
