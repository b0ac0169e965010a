/** The cloud's load balancer: one HAProxy for all of its addresses, and the controller that tells it what to do. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ports, urlOf } from "../../ports";
import type { Service } from "../../service";
import { configuration } from "./configuration";
import { HAProxy } from "./haproxy";
import * as paths from "./paths";

export const prepare = async (): Promise<void> => {
  await mkdir(paths.directory, { recursive: true });
  await writeFile(paths.files.configuration, configuration([], [], paths.files));
  await writeFile(paths.files.states, "1\n"); // its version
};

export const services = (): Service[] => {
  const haproxy = new HAProxy(paths.files);
  return [
    {
      name: "balancer-haproxy",
      command: ["haproxy", "-W", "-f", paths.files.configuration, "-S", paths.files.master],
      ready: async () => Array.isArray(await haproxy.servers()),
    },
    {
      name: "balancer",
      command: [process.execPath, "--import", require.resolve("tsx"), join(__dirname, "main.ts")],
      ready: sawTheCluster,
    },
  ];
};

const sawTheCluster = async (): Promise<boolean> => {
  const response = await fetch(`${urlOf(ports.balancer)}/state.json`);
  return response.ok && /"known": true/.test(await response.text());
};
