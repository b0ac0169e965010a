/** The API server: https://api.cloudflare.com/client/v4, less its TLS. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { altered } from "./altered";
import { admit, bearer } from "./credentials";
import { type Answer, Refusal } from "./envelope";
import { answerOf } from "./faults";
import { recordRoutes } from "./recordRoutes";
import { malformedJson } from "./refusals";
import { findRoute, type Route } from "./route";
import { tokenRoutes } from "./tokenRoutes";
import type { World } from "./world";
import { zoneRoutes } from "./zoneRoutes";

const routes: Route[] = [...zoneRoutes, ...recordRoutes, ...tokenRoutes];

export function apiServer(world: World): Server {
  return createServer((request, response) => {
    serve(world, request, response).catch((fault: unknown) => {
      console.error(fault);
      response.destroy();
    });
  });
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", headers } = request;
  const { pathname: path, searchParams: query, search } = new URL(`http://api${request.url}`);
  const token = bearer(headers, world.tokens)?.name;
  const faults = world.faults.take({ method, path, token });
  const log = (answer?: Answer) =>
    world.requests.add({
      time: new Date(world.now()).toISOString(),
      method,
      path,
      query: search.slice(1),
      userAgent: headers["user-agent"] ?? "",
      token,
      status: answer?.status,
      errors: answer?.body.errors.map(({ code }) => code) ?? [],
    });

  for (const { delay } of faults) if (delay) await wait(delay);
  if (faults.some(({ drop }) => drop)) {
    log();
    response.destroy();
    return;
  }
  const body = await readBody(request);
  let answer =
    faults.map(answerOf).find((instead) => instead) ?? answerTo(world, { method, path, query, headers, body });
  if (answer.status === 200) for (const fault of faults) answer = altered(answer, fault, path);
  log(answer);

  const retryAfter = faults.find((fault) => fault.retryAfter !== undefined)?.retryAfter;
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
}

const unreadable = Symbol("a body that is not JSON");

async function readBody(request: IncomingMessage): Promise<unknown> {
  const body = await text(request);
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return unreadable;
  }
}

type Asked = Pick<IncomingMessage, "headers"> & { method: string; path: string; query: URLSearchParams; body: unknown };

function answerTo(world: World, { method, path, query, headers, body }: Asked): Answer {
  try {
    const { route, params } = findRoute(routes, method, path);
    const caller = admit(headers, world.tokens, route);
    if (body === unreadable) throw malformedJson();
    return route.handle({ world, caller, params, query, body });
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.answer();
    throw refusal;
  }
}
