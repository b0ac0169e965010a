/** The state on one page that reads itself again. */
import { stateOf } from "./state";
import type { World } from "./world";

const shown = 50;

export function page(world: World): string {
  const { records, tokens, faults } = stateOf(world);
  const requests = world.requests.all().slice(-shown).reverse();
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<title>Cloudflare in the lab</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #ddd; padding: .2em 1em .2em 0; text-align: left; vertical-align: top }
td { overflow-wrap: anywhere }
</style>
<h1>Cloudflare in the lab</h1>
${table(
  "DNS records",
  ["Name", "Type", "Content", "TTL", "Proxied", "Comment"],
  records.map(({ name, type, content, ttl, proxied, comment }) => [
    name,
    type,
    content,
    ttl === 1 ? "auto" : ttl,
    proxied ? "yes" : "no",
    comment,
  ]),
)}
${table(
  "API tokens",
  ["Name", "Owner", "Status", "Policies", "Last used"],
  tokens.map(({ name, kind, status, inWords, last_used_on }) => [name, kind, status, inWords.join("; "), last_used_on]),
)}
${
  faults.length > 0
    ? table(
        "Faults",
        ["Fault"],
        faults.map((fault) => [JSON.stringify(fault)]),
      )
    : ""
}
${table(
  `Last ${shown} requests`,
  ["Time", "Token", "Request", "Answer", "Errors", "User agent"],
  requests.map(({ time, token, method, path, query, status, errors, userAgent }) => [
    time.slice(11, 23),
    token ?? "unknown",
    `${method} ${path}${query && `?${query}`}`,
    status ?? "none",
    errors.join(", "),
    userAgent,
  ]),
)}
</html>
`;
}

type Cell = string | number | null | undefined;

const table = (title: string, heads: string[], rows: Cell[][]): string => `<h2>${title}</h2>
<table><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>
${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("\n")}
</table>`;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (cell: Cell): string => String(cell ?? "").replace(/[&<>"]/g, (character) => entities[character] ?? "");
