/** The API server: https://api.cloudflare.com/client/v4, without TLS. */
import type { Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type MiddlewareHandler } from "hono";
import { hangUp, serverOf } from "../../../tools/http";
import { altered, answerOf } from "../control/faults";
import { zoneRoutes } from "../records/routes";
import { accountTokenRoutes, userTokenRoutes } from "../tokens/routes";
import type { World } from "../world";
import { bearer, type Call, type Env } from "./call";
import { type Envelope, noRoute, Refusal } from "./envelope";

export const apiServer = (world: World): Server => {
  const app = new Hono<Env>({ getPath });
  app.use(async (call, next) => {
    call.set("world", world);
    await next();
  });
  app.use(logged, faulty);
  app.basePath("/client/v4").route("/zones", zoneRoutes).route("/", userTokenRoutes).route("/", accountTokenRoutes);
  app.notFound(() => noRoute().answer());
  app.onError((error, call) => {
    if (error instanceof Refusal) return error.answer();
    console.error(error);
    return hangUp(call);
  });
  return serverOf(app);
};

/** One slash at the end makes no difference. */
const getPath = ({ url }: Request): string => new URL(url).pathname.replace(/(.)\/$/, "$1");

/** The token's name is the one that it had when the request came. */
const tokenName = ({ req, var: { world } }: Call): string | undefined => bearer(req, world.tokens)?.name;

/** The answer's envelope; undefined where a page stands in its place. */
const envelopeOf = async (response: Response): Promise<Envelope | undefined> =>
  response.headers.get("content-type")?.includes("json") ? JSON.parse(await response.text()) : undefined;

const logged: MiddlewareHandler<Env> = async (call, next) => {
  const { world } = call.var;
  const { pathname: path, search } = new URL(call.req.url);
  const token = tokenName(call);
  await next();
  const answer = call.res === RESPONSE_ALREADY_SENT ? undefined : call.res.clone();
  world.requests.add({
    time: new Date(world.now()).toISOString(),
    method: call.req.method,
    path,
    query: search.slice(1),
    userAgent: call.req.header("user-agent") ?? "",
    token,
    status: answer?.status,
    errors: (answer && (await envelopeOf(answer)))?.errors.map(({ code }) => code) ?? [],
  });
};

/** Applies the request's faults: before the answer, instead of it, or to it. */
const faulty: MiddlewareHandler<Env> = async (call, next) => {
  const { pathname: path } = new URL(call.req.url);
  const { faults: all } = call.var.world;
  const name = tokenName(call);
  const faults = all.take({ method: call.req.method, path }, ({ token }) => token === undefined || token === name);
  for (const { delay } of faults) if (delay) await wait(delay);
  if (faults.some(({ drop }) => drop)) return hangUp(call);
  const instead = faults.map(answerOf).find((answer) => answer);
  if (instead) call.res = instead;
  else await next();
  if (faults.some(({ lost }) => lost)) return hangUp(call);
  if (faults.length > 0 && call.res.ok && !call.error) {
    const envelope = await envelopeOf(call.res.clone());
    if (envelope) call.res = call.json(faults.reduce((answer, fault) => altered(answer, fault, path), envelope));
  }
  const retryAfter = faults.find((fault) => fault.retryAfter !== undefined)?.retryAfter;
  if (retryAfter !== undefined) call.header("retry-after", String(retryAfter));
};
