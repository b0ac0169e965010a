/** JSON Schema of a stack file, by which editors complete and check it; stackFile.schema.json is its printed form. */
import { z } from "zod";
import { settingsSchema } from "./schema";
import { providerKeys, secretKeys } from "./settings";

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
          "cloudflare:apiToken": encrypted(providerKeys.cloudflare.apiToken),
          "kubernetes:context": { type: "string", description: providerKeys.kubernetes.context },
          "kubernetes:kubeconfig": {
            description: providerKeys.kubernetes.kubeconfig,
            oneOf: [{ type: "string" }, encrypted("Its content")],
          },
        },
        required: required.map((key) => prefix + key),
        // Other namespaces are no matter of ours.
        patternProperties: { "^(?!https-edge:|cloudflare:|kubernetes:)[^:]+:": {} },
        additionalProperties: false,
      },
    },
    required: ["config"],
  };
};
