/** JSON Schema of a stack file, by which editors complete and check it; stackFile.schema.json is its printed form. */
import { z } from "zod";
import { settingsSchema } from "../components/schema";
import { type Documented, documentation } from "./documentation";
import { providerKeys, secretKeys } from "./settings";

const prefix = "https-edge:";

/** A schema, as far as it is walked here. */
interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  $schema?: string;
}

/** A value as `pulumi config set --secret` writes it. */
const encrypted = (description: string) => ({
  description,
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
});

/** What an editor shows of a setting. */
const description = ({ meaning, fallback }: Pick<Documented, "meaning" | "fallback">): string =>
  fallback ? `${meaning} Default: ${fallback}.` : meaning;

/** The schema, in the draft that editors know: https://json-schema.org/draft-07 */
export const stackFileSchema = (): object => {
  const documented = documentation();
  const find = (path: string): string => {
    const found = documented.find((each) => each.path === path);
    if (!found?.meaning) throw new Error(`${path} must have a doc comment`);
    return description(found);
  };
  const described = (schema: Schema, path: string): Schema => ({
    ...(path && !path.endsWith("[]") && { description: find(path) }),
    ...schema,
    ...(schema.items && { items: described(schema.items, `${path}[]`) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([key, each]) => [key, described(each, path ? `${path}.${key}` : key)]),
      ),
    }),
  });
  const bare = z.toJSONSchema(settingsSchema, { target: "draft-7" }) as Schema;
  const { properties = {}, required = [], $schema } = described(bare, "");
  const secrets = Object.entries(secretKeys).map(([key, path]) => [key, encrypted(find(path))]);
  const { cloudflare, kubernetes } = providerKeys;
  return {
    $schema,
    title: "Stack file of the HTTPS edge",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          ...Object.fromEntries(
            Object.entries({ ...properties, ...Object.fromEntries(secrets) }).map(([key, each]) => [
              prefix + key,
              each,
            ]),
          ),
          "cloudflare:apiToken": encrypted(description(cloudflare.apiToken)),
          "kubernetes:context": { type: "string", description: description(kubernetes.context) },
          "kubernetes:kubeconfig": {
            description: description(kubernetes.kubeconfig),
            oneOf: [{ type: "string" }, encrypted("Its content.")],
          },
        },
        required: required.map((key) => prefix + key),
        // Keys of other namespaces are not ours to judge.
        patternProperties: { "^(?!https-edge:|cloudflare:|kubernetes:)[^:]+:": {} },
        additionalProperties: false,
      },
    },
    required: ["config"],
  };
};
