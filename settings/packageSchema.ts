/**
 * The components as programs in other languages see them; plugin/schema.json is its printed form.
 * https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { settingsSchema } from "../components/schema";
import { type Documented, documentation } from "./documentation";
import { secretKeys } from "./settings";

/** A property, as far as it is written here. */
interface Property {
  type?: "string" | "boolean" | "integer" | "number" | "array" | "object";
  $ref?: string;
  items?: Property;
  additionalProperties?: Property;
  description?: string;
  /** The value must be there before the program's resources are: it is checked before anything is registered. */
  plain?: true;
  secret?: true;
}

/** An object and its properties. */
interface ObjectType {
  type: "object";
  description?: string;
  properties: Record<string, Property>;
  required: string[];
}

/** The schema of a setting's value, as far as it is read here. */
interface Value {
  type?: Property["type"];
  enum?: (string | number)[];
  properties?: Record<string, Value>;
  items?: Value;
  additionalProperties?: Value | false;
}

const name = "https-edge";
const token = (type: string): string => `${name}:index:${type}`;
const ref = (type: string): Property => ({ $ref: `#/types/${token(type)}` });
const labels: Property = { type: "object", additionalProperties: { type: "string" } };
const texts: Property = { type: "array", items: { type: "string" } };

/** Settings that are never read by the program itself, and may be secrets or come from other resources. */
const secrets: string[] = ["cluster.kubeconfig", ...Object.values(secretKeys)];

export const packageSchema = (): object => {
  const { version, description, license } = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8"));
  const edge = new Inputs(documentation("HttpsEdgeArgs"), z.toJSONSchema(settingsSchema) as Value);
  const route = new Inputs(
    documentation("HttpsRouteArgs").filter(({ path }) => !path.startsWith("listener")),
    {},
  );
  const [edgeInputs, routeInputs] = [edge.members(""), route.members("")];
  return {
    name,
    version,
    description,
    license,
    keywords: ["kind/component", "category/infrastructure"],
    // Programs name the version of the package that they were made for, and get that one.
    language: { nodejs: { respectSchemaVersion: true }, python: { respectSchemaVersion: true } },
    resources: {
      [token("HttpsEdge")]: {
        isComponent: true,
        description:
          "The whole edge. The Cloudflare provider comes by the option `providers`; the one of Kubernetes is the edge's own, made from `cluster`.",
        inputProperties: edgeInputs.properties,
        requiredInputs: edgeInputs.required,
        type: "object",
        properties: {
          urls: { ...texts, description: "Where the edge answers, a URL a domain." },
          addresses: {
            type: "array",
            items: ref("Address"),
            description: "The load balancer's addresses, which the domains and their wildcards lead to.",
          },
          https: { ...ref("Listener"), description: "The HTTPS listener, for an `HttpsRoute`." },
        },
        required: ["urls", "addresses", "https"],
      },
      [token("HttpsRoute")]: {
        isComponent: true,
        description:
          "A route of an application on the edge's HTTPS listener: an HTTPRoute that the listener has accepted and whose Services exist.",
        inputProperties: { ...routeInputs.properties, listener: { ...ref("Listener"), description: listener } },
        requiredInputs: ["listener", ...routeInputs.required],
        type: "object",
        properties: { urls: { ...texts, description: "Where the application answers, a URL a host." } },
        required: ["urls"],
      },
    },
    types: { ...edge.types, ...route.types, ...given },
  };
};

const listener = "The edge's HTTPS listener: its output `https`.";

/** Types of outputs. */
const given: Record<string, ObjectType> = {
  [token("Address")]: {
    type: "object",
    description: "An address of the load balancer.",
    properties: {
      type: { type: "string", description: "`IPAddress` or `Hostname`." },
      value: { type: "string" },
    },
    required: ["type", "value"],
  },
  [token("Listener")]: {
    type: "object",
    description: "A listener of the Gateway and the domains that it serves.",
    properties: {
      parentRef: { ...ref("ParentRef"), description: "What an HTTPRoute names as its `parentRef`." },
      domains: {
        ...texts,
        description: "The domains with a certificate: each is served itself, and with one label below it.",
      },
      attachLabels: { ...labels, description: "Labels of a namespace whose routes it admits." },
      labels: { ...labels, description: "Labels of what belongs to its edge." },
    },
    required: ["parentRef", "domains", "attachLabels", "labels"],
  },
  [token("ParentRef")]: {
    type: "object",
    description: "What an HTTPRoute names as its `parentRef`.",
    properties: { name: { type: "string" }, namespace: { type: "string" }, sectionName: { type: "string" } },
    required: ["name", "namespace", "sectionName"],
  },
};

/** The arguments of a component: what their interfaces declare and say, and what their checks know of their values. */
class Inputs {
  /** Types of the blocks, by their tokens. */
  readonly types: Record<string, ObjectType> = {};

  constructor(
    private readonly documented: Documented[],
    private readonly values: Value,
  ) {}

  /** What a block has inside it. */
  members(path: string): Pick<ObjectType, "properties" | "required"> {
    const prefix = path && `${path}.`;
    const inside = this.documented.filter((each) => each.path === prefix + lastOf(each.path));
    const optional = (each: Documented) =>
      this.block(path)?.members.includes(`${lastOf(each.path)}?`) ?? each.fallback !== undefined;
    return {
      properties: Object.fromEntries(inside.map((each) => [lastOf(each.path), this.property(each)])),
      required: inside.filter((each) => !optional(each)).map((each) => lastOf(each.path)),
    };
  }

  private property(each: Documented): Property {
    const value = valueAt(this.values, each.path);
    const one = this.one(each, each.list ? value?.items : value);
    const choice = (each.list ? value?.items : value)?.enum;
    const said = [
      each.meaning,
      ...(choice ? [`One of ${choice.map((each) => `\`${each}\``).join(", ")}.`] : []),
      ...(each.fallback ? [`Default: ${each.fallback}.`] : []),
    ].join(" ");
    const secret = secrets.includes(each.path);
    return {
      ...(each.list ? { type: "array", items: { ...one, ...(!isInput(each) && { plain: true }) } } : one),
      description: said,
      ...(!isInput(each) && { plain: true }),
      ...(secret && { secret }),
    };
  }

  private one(each: Documented, value: Value | undefined): Property {
    if (each.members.length === 0) return plainType(each, value);
    const type = token(each.type.replace(/Args$/, ""));
    this.types[type] ??= { type: "object", ...this.members(each.list ? `${each.path}[]` : each.path) };
    return { $ref: `#/types/${type}` };
  }

  private block(path: string): Documented | undefined {
    return this.documented.find((each) => each.path === path.replace(/\[\]$/, ""));
  }
}

/** A value that the program itself may not know yet. */
const later = /^pulumi\.(?:Input|Output)<(.*)>$/;
const isInput = ({ type }: Documented): boolean => later.test(type);

/** A type without anything inside it: as its check has it, and as it is declared where none does. */
const plainType = ({ type }: Documented, value: Value | undefined): Property => {
  const declared = type.replace(later, "$1");
  const found = value?.type ?? (declared === "number" ? "integer" : declared);
  if (found === "object") return { type: "object", additionalProperties: { type: "string", plain: true } };
  if (found === "string" || found === "boolean" || found === "integer" || found === "number") return { type: found };
  throw new Error(`${declared} must be a type that other languages have`);
};

const lastOf = (path: string): string => path.split(".").pop() ?? "";

const valueAt = (root: Value, path: string): Value | undefined =>
  path.split(".").reduce((at: Value | undefined, step) => {
    const inner = at?.properties?.[step.replace("[]", "")];
    return step.endsWith("[]") ? inner?.items : inner;
  }, root);
