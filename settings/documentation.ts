/** The settings' documentation, read from the doc comments of the interfaces that declare them: nowhere else are they described. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** One setting, as its doc comment describes it. */
export interface Documented {
  /** Its name, with `[]` for an entry of a list: `domains[].name`. */
  path: string;
  /** Its type, or that of the entries of a list, as it is declared: `string`, `DomainArgs`. */
  type: string;
  /** Whether it is a list. */
  list: boolean;
  /** Names of the settings inside it, with `?` where they may be absent. */
  members: string[];
  /** What it decides. */
  meaning: string;
  /** What holds when it is absent; undefined when it must be given. */
  fallback: string | undefined;
}

const components = join(__dirname, "..", "components");

/** Every setting of the edge, secrets included, each before those inside it; or every argument that another interface declares. */
export const documentation = (of = "HttpsEdgeArgs"): Documented[] => describe(declared(), of, "");

type Interfaces = Map<string, ts.InterfaceDeclaration>;

/** Every interface of the components by its name. */
const declared = (): Interfaces => {
  const files = readdirSync(components, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const statements = files.flatMap((file) => {
    const text = readFileSync(join(components, file), "utf8");
    return [...ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true).statements];
  });
  return new Map(statements.filter(ts.isInterfaceDeclaration).map((each) => [each.name.text, each]));
};

const describe = (interfaces: Interfaces, name: string, prefix: string): Documented[] =>
  propertiesOf(interfaces, name).flatMap((property) => {
    const path = `${prefix}${property.name.getText()}`;
    const { type, entry } = typeOf(property);
    const members = propertiesOf(interfaces, type);
    return [
      {
        path,
        type,
        list: entry,
        members: members.map((member) => `${member.name.getText()}${member.questionToken ? "?" : ""}`),
        meaning: prose(property),
        fallback: fallbackOf(property),
      },
      ...describe(interfaces, type, `${path}${entry ? "[]" : ""}.`),
    ];
  });

const propertiesOf = (interfaces: Interfaces, name: string): ts.PropertySignature[] =>
  interfaces.get(name)?.members.filter(ts.isPropertySignature) ?? [];

/** The name of a property's type, or of the entries of its list. */
const typeOf = ({ type }: ts.PropertySignature): { type: string; entry: boolean } => {
  if (type && ts.isArrayTypeNode(type)) return { type: type.elementType.getText(), entry: true };
  return { type: type?.getText() ?? "", entry: false };
};

const docOf = (property: ts.PropertySignature): ts.JSDoc | undefined =>
  ts.getJSDocCommentsAndTags(property).find(ts.isJSDoc);

const prose = (property: ts.PropertySignature): string =>
  (ts.getTextOfJSDocComment(docOf(property)?.comment) ?? "").replace(/\s+/g, " ").trim();

/** A `@default` is a value, or a dash and the behaviour in words. */
const fallbackOf = (property: ts.PropertySignature): string | undefined => {
  const tag = docOf(property)?.tags?.find((each) => each.tagName.text === "default");
  return (
    tag &&
    (ts.getTextOfJSDocComment(tag.comment) ?? "")
      .replace(/\s+/g, " ")
      .replace(/^- /, "")
      .replace(/"([^"]+)"/g, "`$1`")
      .trim()
  );
};
