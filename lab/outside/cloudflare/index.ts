/** api.cloudflare.com, as a service of the lab. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Service } from "../../service";
import { tokens } from "./account";
import { controlUrl, host, ports } from "./ports";

const tsx = pathToFileURL(require.resolve("tsx")).href;

export const services = (): Service[] => [
  {
    name: "cloudflare",
    command: [process.execPath, "--import", tsx, join(__dirname, "main.ts")],
    env: { CLOUDFLARE_API_TOKEN: tokens.deploy },
    ready: async () =>
      (await fetch(`${controlUrl}/state`)).ok && (await fetch(`http://${host}:${ports.api}/`)).status === 400,
  },
];
