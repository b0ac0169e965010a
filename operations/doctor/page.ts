/** A diagnosis as one page that needs nothing else: the chain as a drawing, the findings, and every link in a table. */
import { marks } from "../marks";
import type { Diagnosis, Finding } from "./diagnosis";
import { idOf, type Link } from "./links";
import { direct } from "./picture";

/** What the page is about. */
export interface Seen extends Diagnosis {
  cluster: string;
  gateway: string;
  /** The moment of the look, as Date has it. */
  at: number;
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const text = (raw: string): string => raw.replace(/[&<>"']/g, (each) => escapes[each] ?? each);

/** Measures of the drawing, in pixels. */
const box = { width: 194, height: 40, across: 34, down: 10, margin: 2 };
/** Letters of a name that a box has room for. */
const longest = 28;

/** How far a link is from the answers, which nothing else needs: each stands right before what needs it. */
const distances = (links: Link[], byId: Map<string, Link>): Map<string, number> => {
  const needing = new Map<string, string[]>();
  for (const link of links)
    for (const need of direct(link, byId)) needing.set(idOf(need), [...(needing.get(idOf(need)) ?? []), idOf(link)]);
  const known = new Map<string, number>();
  const distance = (id: string): number => {
    const found = known.get(id) ?? Math.max(-1, ...(needing.get(id) ?? []).map(distance)) + 1;
    known.set(id, found);
    return found;
  };
  for (const id of byId.keys()) distance(id);
  return known;
};

/** From left to right, what stands on what. */
const drawing = (links: Link[]): string => {
  const byId = new Map(links.map((link) => [idOf(link), link]));
  const distance = distances(links, byId);
  const last = Math.max(0, ...distance.values());
  const rows = new Map<number, number>();
  const places = new Map(
    [...byId.keys()].map((id) => {
      const column = last - (distance.get(id) ?? 0);
      const row = rows.get(column) ?? 0;
      rows.set(column, row + 1);
      const x = box.margin + column * (box.width + box.across);
      const y = box.margin + row * (box.height + box.down);
      return [id, { x, y }] as const;
    }),
  );
  const width = 2 * box.margin + (last + 1) * (box.width + box.across) - box.across;
  const height = 2 * box.margin + Math.max(1, ...rows.values()) * (box.height + box.down) - box.down;
  const curves = links.flatMap((link) =>
    direct(link, byId).map((need) => {
      const [from, to] = [places.get(idOf(need)), places.get(idOf(link))];
      if (!from || !to) return "";
      const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
      const [x2, y2] = [to.x, to.y + box.height / 2];
      const bend = box.across / 2;
      return `<path class="${need.result}" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
    }),
  );
  const boxes = links.map((link) => {
    const { x, y } = places.get(idOf(link)) ?? { x: 0, y: 0 };
    const { kind, subject, result, found } = link;
    const short = subject.length > longest ? `${subject.slice(0, longest - 1)}…` : subject;
    return `<g class="${result}" transform="translate(${x} ${y})"><title>${text(`${subject}: ${found}`)}</title><rect width="${box.width}" height="${box.height}" rx="6"/><text class="kind" x="10" y="16">${marks[result]} ${text(kind)}</text><text x="10" y="31">${text(short)}</text></g>`;
  });
  return `<div class="chain"><svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="What stands on what" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${curves.join("")}${boxes.join("")}</svg></div>`;
};

const finding = ({ symptom, severity, subject, found, cause, cure, next, source }: Finding): string => {
  const rows = [
    ["Seen", text(found)],
    ...(cause ? [["Because", text(cause)]] : []),
    ...(cure ? [["Cure", text(cure)]] : []),
    ["Next", `<code>${text(next)}</code>`],
    ...(source ? [["Source", `<a href="${text(source)}">${text(source)}</a>`]] : []),
  ];
  const items = rows.map(([term, words]) => `<dt>${term}</dt><dd>${words}</dd>`).join("");
  return `<section class="${severity}"><h3>${text(symptom)} <small>${severity}</small></h3><p>${text(subject)}</p><dl>${items}</dl></section>`;
};

const edge = ({ cluster, gateway, at, findings, links }: Seen): string => {
  const rows = links.map(
    ({ kind, subject, result, found }) =>
      `<tr class="${result}"><td>${marks[result]}</td><td>${text(kind)}</td><td>${text(subject)}</td><td>${text(found)}</td></tr>`,
  );
  const verdict =
    findings.length === 0
      ? `Nothing is wrong: ${links.length} links looked at.`
      : `${findings.length} ${findings.length === 1 ? "finding" : "findings"} in ${links.length} links.`;
  return `<h1>Gateway ${text(gateway)}</h1>
<p>Cluster ${text(cluster)}, ${new Date(at).toISOString()}. ${verdict}</p>
${findings.map(finding).join("\n")}
<h2>What stands on what</h2>
${drawing(links)}
<h2>Each link</h2>
<table><thead><tr><th></th><th>Kind</th><th>Link</th><th>Found</th></tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
};

/** The whole page. */
export const page = (edges: Seen[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>https-edge doctor</title>
<style>
:root { color-scheme: light dark; --ok: #1a7f37; --warning: #9a6700; --failed: #cf222e; --line: #8c959f; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ok: #3fb950; --warning: #d29922; --failed: #f85149; --line: #6e7681; --card: #161b22; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 100rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; } h3 { font-size: 1rem; margin: 0; }
small { border: 1px solid; border-radius: 1em; font-weight: normal; padding: 0 .6em; }
section { background: var(--card); border-left: 4px solid; border-radius: 6px; margin: 1rem 0; padding: .8rem 1rem; }
section p { margin: .2rem 0; } section.broken { border-color: var(--failed); } section.risk { border-color: var(--warning); } section.note { border-color: var(--line); }
section.broken small { color: var(--failed); } section.risk small { color: var(--warning); }
dl { display: grid; gap: .2rem 1rem; grid-template-columns: 5rem 1fr; margin: .5rem 0 0; } dt { opacity: .75; } dd { margin: 0; overflow-wrap: anywhere; }
.chain { overflow-x: auto; } svg text { fill: currentColor; font: 11px system-ui, sans-serif; } svg .kind { font-weight: 600; }
svg rect { fill: var(--card); stroke: var(--line); } svg path { fill: none; stroke: var(--line); stroke-width: 1.5; }
svg .ok .kind { fill: var(--ok); } svg .warning .kind { fill: var(--warning); } svg .failed .kind { fill: var(--failed); }
svg .warning rect { stroke: var(--warning); stroke-width: 2; } svg .failed rect { stroke: var(--failed); stroke-width: 2; } svg path.failed { stroke: var(--failed); stroke-width: 2; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid var(--line); overflow-wrap: anywhere; padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
tr.ok td:first-child { color: var(--ok); } tr.warning td:first-child { color: var(--warning); } tr.failed td:first-child { color: var(--failed); }
</style>
</head>
<body>
${edges.map(edge).join("\n")}
</body>
</html>
`;
