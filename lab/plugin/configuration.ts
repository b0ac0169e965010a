/** The provider's configuration from its arguments or the environment, and its checks. */
import { z } from "zod";
import type { Properties } from "./value";

export interface Configuration {
  apiToken: string | null;
  apiKey: string | null;
  email: string | null;
  apiUserServiceKey: string | null;
  baseUrl: string;
}

export const configurationSchema = z.strictObject({
  apiToken: z
    .string()
    .regex(
      /[A-Za-z0-9-_]{40}/,
      "API tokens must be 40 characters long and only contain characters a-z, A-Z, 0-9, hyphens and underscores",
    )
    .optional(),
  apiKey: z.string().optional(),
  email: z.string().optional(),
  apiUserServiceKey: z.string().optional(),
  baseUrl: z.string().optional(),
  userAgentOperatorSuffix: z.string().optional(),
  // The engine leaves these among the arguments.
  version: z.string().optional(),
  pluginDownloadURL: z.string().optional(),
});

export const secretConfiguration = ["apiToken", "apiKey", "apiUserServiceKey"];

/** An argument takes precedence over the environment. */
export const readConfiguration = (args: Properties, environment: NodeJS.ProcessEnv): Configuration => {
  const read = (name: string, variable: string): string | null => {
    const value = args[name] ?? environment[variable];
    return typeof value === "string" ? value : null;
  };
  return {
    apiToken: read("apiToken", "CLOUDFLARE_API_TOKEN"),
    apiKey: read("apiKey", "CLOUDFLARE_API_KEY"),
    email: read("email", "CLOUDFLARE_EMAIL"),
    apiUserServiceKey: read("apiUserServiceKey", "CLOUDFLARE_API_USER_SERVICE_KEY"),
    baseUrl: read("baseUrl", "CLOUDFLARE_BASE_URL") ?? "https://api.cloudflare.com/client/v4",
  };
};
