/** Everything that users download: charts from three OCI registries, and release files. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../layout";
import { host, ports, urlOf } from "../../ports";
import { readAssembly } from "../../programs/assembly";
import { inMirror, mirror } from "../../programs/mirror";
import type { Programs, Service } from "../../service";
import { push } from "./push";

const registries = [
  { name: "registry-docker", origin: "docker.io", port: ports.dockerHub },
  { name: "registry-quay", origin: "quay.io", port: ports.quay },
  { name: "registry-mirror", origin: mirror, port: ports.mirror },
];

export const prepare = async (): Promise<void> => {
  for (const { name } of registries) await mkdir(join(run, name), { recursive: true });
};

export const services = (programs: Programs): Service[] => {
  const oci = registries.map(({ name, port }) => ({
    name,
    command: [
      ...[programs.bin("crane"), "registry", "serve"],
      ...["--address", `${host}:${port}`, "--disk", join(run, name)],
    ],
    ready: async () => (await fetch(`${urlOf(port)}/v2/`)).ok,
  }));
  const files = {
    name: "releases",
    command: [
      ...[process.execPath, "--import", require.resolve("tsx")],
      ...[join(__dirname, "releases", "main.ts"), String(ports.releases)],
    ],
    ready: async () => (await fetch(`${urlOf(ports.releases)}/`)).status === 404,
  };
  return [...oci, files];
};

/** Pushes the charts at each start, because the registries keep manifests in memory only. */
export const afterStart = async (): Promise<void> => {
  for (const chart of readAssembly().charts) {
    for (const repository of [chart.repository, inMirror(chart.repository)]) {
      const registry = registries.find(({ origin }) => repository.startsWith(`${origin}/`));
      if (registry === undefined) throw new Error(`no registry of the lab has ${repository}`);
      await push(urlOf(registry.port), { ...chart, repository });
    }
  }
};
