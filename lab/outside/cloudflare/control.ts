/** The lab's own door, which Cloudflare has not: state, request log, faults, and a page for people. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { json } from "node:stream/consumers";
import { prettifyError } from "zod";
import { FaultList } from "./faults";
import { page } from "./page";
import { stateOf } from "./state";
import type { World } from "./world";

interface Reply {
  status?: number;
  body?: unknown;
  html?: string;
}

const actions: Record<string, (world: World, request: IncomingMessage) => Reply | Promise<Reply>> = {
  "GET /": (world) => ({ html: page(world) }),
  "GET /state": (world) => ({ body: stateOf(world) }),
  "GET /requests": (world) => ({ body: world.requests.all() }),
  "GET /faults": (world) => ({ body: world.faults.all() }),
  "PUT /faults": async (world, request) => {
    const faults = FaultList.safeParse(await json(request).catch(() => undefined));
    if (!faults.success) return { status: 400, body: { error: prettifyError(faults.error) } };
    world.faults.replace(faults.data);
    return { body: world.faults.all() };
  },
  "DELETE /faults": (world) => {
    world.faults.replace([]);
    return { body: [] };
  },
  "POST /reset": (world) => {
    world.reset();
    return { body: stateOf(world) };
  },
};

export function controlServer(world: World): Server {
  return createServer(async (request, response) => {
    const { pathname } = new URL(`http://control${request.url}`);
    const action = actions[`${request.method} ${pathname}`];
    const { status = 200, body, html } = action ? await action(world, request) : notFound;
    const type = html === undefined ? "application/json" : "text/html; charset=utf-8";
    response.writeHead(status, { "content-type": type }).end(html ?? `${JSON.stringify(body, undefined, 2)}\n`);
  });
}

const notFound: Reply = { status: 404, body: { error: `there are only: ${Object.keys(actions).join(", ")}` } };
