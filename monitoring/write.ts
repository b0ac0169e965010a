/** Writes what people take who have no Prometheus operator, and the table of alerts in docs/monitoring.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import { alertsOf, ruleGroupsOf } from "../components/rules/alerts";
import { dashboardOf } from "../components/rules/dashboard";

const begin = "<!-- alerts: written by make monitoring -->";
const end = "<!-- end of alerts -->";

const head = `# Alert rules of an edge with the default name and two proxies, for a Prometheus without an operator (rule_files).
# Written by make monitoring from components/rules/alerts.ts. What each means: docs/monitoring.md.
`;

const rules = (): string => head + dump({ groups: ruleGroupsOf() }, { lineWidth: -1 });

const dashboard = (): string => `${JSON.stringify(dashboardOf(), undefined, 2)}\n`;

/** A text with Prometheus's templates as people read it, in a table's cell. */
const plain = (text: string): string =>
  text
    .replace(/\{\{ (?:with .*?end|reReplaceAll [^}]*) \}\}/g, "NAMESPACE")
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => label.toUpperCase())
    .replaceAll("|", "\\|");

const table = (): string =>
  [
    "| Alert | Fires on | For | Severity | Meaning | Next |",
    "| --- | --- | --- | --- | --- | --- |",
    ...alertsOf().map(({ name, threshold, for: duration, severity, meaning, next }) => {
      const commands = next
        .split("; ")
        .map((each) => (each.startsWith("pulumi up tells") ? each : `\`${plain(each)}\``));
      return `| \`${name}\` | ${threshold} | ${duration} | ${severity} | ${meaning} | ${commands.join("; ")} |`;
    }),
  ].join("\n");

const documented = (text: string): string => {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (!before || after === undefined)
    throw new Error(`docs/monitoring.md must have "${begin}" and "${end}", in this order`);
  return `${before}${begin}\n\n${table()}\n\n${end}${after}`;
};

/** Files that are written from the alerts and the dashboard, and what each becomes. */
export const written: Record<string, (text: string) => string> = {
  "monitoring/alerts.yaml": rules,
  "monitoring/dashboard.json": dashboard,
  "docs/monitoring.md": documented,
};

if (require.main === module) {
  for (const [file, rewrite] of Object.entries(written)) {
    const path = join(__dirname, "..", file);
    writeFileSync(path, rewrite(readFileSync(path, "utf8")));
  }
}
