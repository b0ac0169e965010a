/** Inputs as another language's program gives them, as the components take them. */
import * as pulumi from "@pulumi/pulumi";
import { known } from "../components/resources/unknown";
import { problemsMessage } from "../components/rules/problems";
import schema from "./schema.json";

/** A property of the package's schema, as far as it is read here. */
interface Property {
  type?: string;
  $ref?: string;
  items?: Property;
  plain?: boolean;
}

const types: Record<string, { properties: Record<string, Property> }> = schema.types;
const resources: Record<string, { inputProperties: Record<string, Property> }> = schema.resources;

/**
 * The inputs of a component with every plain setting as its value. A block in which one value is a secret may come as a secret as a whole;
 * what in it may be a secret stays one.
 *
 * Errors: a line for each plain setting that is a secret, or that is not known yet.
 */
export const plainInputs = async <T>(type: string, inputs: pulumi.Inputs): Promise<T> => {
  const problems: string[] = [];
  const members = async (properties: Record<string, Property>, values: object, path: string, secret: boolean) => {
    const entries = Object.entries(values).map(async ([key, value]) => {
      const property = properties[key] ?? { plain: true }; // the component refuses an unknown name itself
      return [key, await plain(property, value, path ? `${path}.${key}` : key, secret)];
    });
    return Object.fromEntries(await Promise.all(entries));
  };
  const plain = async (property: Property, value: unknown, path: string, secret: boolean): Promise<unknown> => {
    if (!property.plain) return secret ? pulumi.secret(value) : value;
    const block = typeOf(property) !== undefined || typeOf(property.items) !== undefined;
    if (pulumi.Output.isInstance(value)) {
      const isSecret = await pulumi.isSecret(value);
      const found = await known(value);
      if (found === undefined)
        return problems.push(`${path} must be a plain value, got one that is not known yet (${wayOut})`);
      if (isSecret && !block) return problems.push(`${path} must be a plain value, got a secret (${wayOut})`);
      return plain(property, found, path, secret || isSecret);
    }
    if (Array.isArray(value)) {
      const item = property.items ?? { plain: true };
      return Promise.all(value.map((each, index) => plain(item, each, `${path}[${index}]`, secret)));
    }
    if (typeof value !== "object" || value === null) return value;
    return members(typeOf(property)?.properties ?? {}, value, path, secret);
  };
  const found = await members(resources[type]?.inputProperties ?? {}, inputs, "", false);
  if (problems.length > 0) throw new pulumi.RunError(problemsMessage(problems));
  return found;
};

const wayOut = "write it in the program, or read it from the stack's configuration";

const typeOf = (property: Property | undefined) => types[property?.$ref?.replace("#/types/", "") ?? ""];
