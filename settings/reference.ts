/** What is written from the settings' documentation: the README's table, Pulumi.yaml's descriptions, and the schemas of the stack file and of the package. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Documented, documentation } from "./documentation";
import { packageSchema } from "./packageSchema";
import { providerKeys, secretKeys } from "./settings";
import { stackFileSchema } from "./stackFile";

const begin = "<!-- settings: written by make schema -->";
const end = "<!-- end of settings -->";

/** Settings of the stack file: secrets of a block are keys of their own. */
const settings = (): Documented[] => {
  const all = documentation();
  const keys = new Map<string, string>(Object.entries(secretKeys).map(([key, path]) => [path, key]));
  return [
    ...all
      .filter(({ path }) => !keys.has(path))
      .map((each) => ({
        ...each,
        members: each.members.filter((member) => !keys.has(`${each.path}.${member.replace("?", "")}`)),
      })),
    ...all.flatMap((each) => {
      const key = keys.get(each.path);
      return key ? [{ ...each, path: key, meaning: `Secret. ${each.meaning}` }] : [];
    }),
  ];
};

const table = (): string => {
  const rows = [
    ...settings().map(({ path, meaning, fallback }) => [path, meaning, fallback ?? "required"]),
    ...Object.entries(providerKeys).flatMap(([provider, keys]) =>
      Object.entries(keys).map(([key, { meaning, fallback }]) => [`${provider}:${key}`, meaning, fallback]),
    ),
  ];
  return [
    "| Key | Meaning | Default |",
    "| --- | --- | --- |",
    ...rows.map(([path, meaning, fallback]) => `| \`${path}\` | ${meaning} | ${fallback} |`),
  ].join("\n");
};

/** The README with its settings table as the settings are now. */
export const readme = (text: string): string => {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (!before || after === undefined) throw new Error(`README.md must have "${begin}" and "${end}", in this order`);
  return `${before}${begin}\n\n${table()}\n\n${end}${after}`;
};

/** Pulumi.yaml with each declared key's description as the settings are now. */
export const project = (text: string): string =>
  settings().reduce((yaml, { path, members, meaning }) => {
    const block = new RegExp(`(\\n {2}https-edge:${path}:\\n(?: {4}.*\\n)*? {4}description: ).*`);
    const shape = members.length > 0 ? ` { ${members.join(", ")} }` : "";
    return yaml.replace(block, (_, head: string) => `${head}${JSON.stringify(`${meaning}${shape}`)}`);
  }, text);

/** The stack file's schema as text. */
export const schema = (): string => `${JSON.stringify(stackFileSchema(), undefined, 2)}\n`;

/** Files that are written from the settings, and what each becomes. */
export const written: Record<string, (text: string) => string> = {
  "README.md": readme,
  "Pulumi.yaml": project,
  "settings/stackFile.schema.json": schema,
  "plugin/schema.json": () => `${JSON.stringify(packageSchema(), undefined, 2)}\n`,
};

if (require.main === module) {
  for (const [file, rewrite] of Object.entries(written)) {
    const path = join(__dirname, "..", file);
    writeFileSync(path, rewrite(readFileSync(path, "utf8")));
  }
}
