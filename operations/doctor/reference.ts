/** Writes the table of docs/doctor.md from the doctor's own tables. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { symptoms } from "./diagnosis";

const begin = "<!-- symptoms: written by make symptoms -->";
const end = "<!-- end of symptoms -->";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const table = (): string =>
  [
    "| Symptom | Link | Severity | Cause | Cure |",
    "| --- | --- | --- | --- | --- |",
    ...symptoms.map(
      ({ name, at, severity, cause, cure, source }) =>
        `| [\`${name}\`](${source}) | ${at} | ${severity} | ${cell(cause)} | ${cell(cure)} |`,
    ),
  ].join("\n");

/** The page with the table as it is now. Errors: one line when the page has no place for it. */
export const documented = (text: string): string => {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (!before || after === undefined)
    throw new Error(`docs/doctor.md must have "${begin}" and "${end}", in this order`);
  return `${before}${begin}\n\n${table()}\n\n${end}${after}`;
};

if (require.main === module) {
  const path = join(__dirname, "..", "..", "docs", "doctor.md");
  writeFileSync(path, documented(readFileSync(path, "utf8")));
}
