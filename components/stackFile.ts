/** JSON Schema of a stack file, by which editors complete and check it; stackFile.schema.json is its printed form. */
import { z } from "zod";
import { settingsSchema } from "./schema";
import { secretKeys } from "./settings";

const prefix = "https-edge:";

/** A value as `pulumi config set --secret` writes it. */
const encrypted = (description: string) => ({
  description,
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
});

/** The schema, in the draft that editors know: https://json-schema.org/draft-07 */
export const stackFileSchema = (): object => {
  const { properties = {}, required = [], $schema } = z.toJSONSchema(settingsSchema, { target: "draft-7" });
  const secrets = Object.entries(secretKeys).map(([key, description]) => [key, encrypted(description)]);
  const ours = { ...properties, ...Object.fromEntries(secrets) };
  return {
    $schema,
    title: "Stack file of the HTTPS edge",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          ...Object.fromEntries(Object.entries(ours).map(([key, schema]) => [prefix + key, schema])),
          "cloudflare:apiToken": encrypted("Credential for Cloudflare; CLOUDFLARE_API_TOKEN by default"),
          "kubernetes:context": {
            type: "string",
            description: "Context of the kubeconfig; the current one by default",
          },
        },
        required: required.map((key) => prefix + key),
        // Other namespaces are their providers' own.
        patternProperties: { [`^(?!${prefix})[^:]+:`]: {} },
        additionalProperties: false,
      },
    },
    required: ["config"],
  };
};
