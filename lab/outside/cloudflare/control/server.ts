/** The control server: state, request log, faults, and a page for people. The real Cloudflare has none. */
import type { Server } from "node:http";
import { Hono } from "hono";
import { html } from "hono/html";
import { indented, serverOf } from "../../../tools/http";
import { faultRoutes } from "../../faults";
import type { World } from "../world";
import { FaultList } from "./faults";
import { stateOf } from "./state";

export const controlServer = (world: World): Server => {
  const app = new Hono()
    .get("/", (call) => call.html(page(world)))
    .get("/state", (call) => indented(call, stateOf(world)))
    .get("/requests", (call) => indented(call, world.requests.all()))
    .route(
      "/",
      faultRoutes(FaultList, () => world.faults),
    )
    .post("/reset", (call) => {
      world.reset();
      return indented(call, stateOf(world));
    });
  const known = app.routes.map(({ method, path }) => `${method} ${path}`).join(", ");
  app.notFound((call) => indented(call, { error: `path must be one of these: ${known}` }, 404));
  return serverOf(app);
};

const shown = 50;

/** The state on a page that reloads itself. */
const page = (world: World) => {
  const { records, tokens, faults } = stateOf(world);
  const requests = world.requests.all().slice(-shown).reverse();
  return html`<!doctype html>
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
  faults.length > 0 &&
  table(
    "Faults",
    ["Fault"],
    faults.map((fault) => [JSON.stringify(fault)]),
  )
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
};

type Cell = string | number | null | undefined;

const table = (title: string, heads: string[], rows: Cell[][]) => html`<h2>${title}</h2>
<table><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr>
${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</table>`;
