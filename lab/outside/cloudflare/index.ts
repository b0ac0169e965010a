/** api.cloudflare.com, as a service of the lab. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { controlUrl, ports, urlOf } from "../../ports";
import type { Service } from "../../service";
import { tokens } from "./account";

const tsx = pathToFileURL(require.resolve("tsx")).href;

export const services = (): Service[] => [
  {
    name: "cloudflare",
    command: [process.execPath, "--import", tsx, join(__dirname, "main.ts")],
    env: { CLOUDFLARE_API_TOKEN: tokens.deploy },
    ready: async () =>
      (await fetch(`${controlUrl}/state`)).ok && (await fetch(`${urlOf(ports.cloudflare)}/`)).status === 400,
  },
];
