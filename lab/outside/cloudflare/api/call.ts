/** A call of the API: whose token it bears, which identifiers its path has, and the JSON in its body. */
import { text } from "node:stream/consumers";
import type { HttpBindings } from "@hono/node-server";
import type { Context, Handler, HonoRequest } from "hono";
import type { Token } from "../account";
import type { Tokens } from "../tokens/tokens";
import type { World } from "../world";
import {
  type Envelope,
  invalidAccessToken,
  invalidHeader,
  invalidIdentifier,
  malformedJson,
  methodNotAvailable,
  missingCredentials,
  type Refusal,
  unknownKey,
} from "./envelope";

export interface Env {
  Bindings: HttpBindings;
  Variables: { world: World; caller: Token; body: unknown };
}

export type Call = Context<Env>;

/** An identifier in a path. An empty one is one too, which is then refused. */
export const id = <Name extends string>(name: Name) => `:${name}{[^/]*}` as const;

export const queryOf = ({ req }: Call): URLSearchParams => new URL(req.url).searchParams;

interface Admission {
  /** What is said to a token that does not work. */
  refuse?: () => Refusal;
  /** It answers about tokens that do not work any more. */
  verifies?: boolean;
}

/** What a path answers, by method. A request is judged by its identifiers, its method, its token and its body, in this order. */
export const methods =
  (answers: Record<string, (call: Call) => Envelope>, admission: Admission = {}): Handler<Env> =>
  async (call) => {
    const { method, url } = call.req;
    const { pathname } = new URL(url);
    // The framework would decode what it reads from the path.
    const identified = !pathname.includes("%") && Object.values(call.req.param()).every(isIdentifier);
    if (!identified) throw invalidIdentifier(pathname);
    const answer = answers[method];
    if (!answer) throw methodNotAvailable(method);
    call.set("caller", admit(call.req, call.var.world.tokens, admission));
    call.set("body", await readBody(call));
    return call.json(answer(call));
  };

const isIdentifier = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

const readBody = async ({ env }: Call): Promise<unknown> => {
  const body = await text(env.incoming); // a GET has a body here only
  try {
    return body === "" ? undefined : JSON.parse(body);
  } catch {
    throw malformedJson();
  }
};

/** 40 characters, or a prefix that tells the kind of token, 40 characters and a checksum. */
const form = /^Bearer ([A-Za-z0-9_-]{40}|cf[ua]t_[A-Za-z0-9]{40}[0-9a-f]{8})$/;

/** The token that a request bears, working or not; undefined when nobody ever had it. */
export const bearer = (request: HonoRequest, tokens: Tokens): Token | undefined => {
  const value = form.exec(request.header("authorization") ?? "")?.[1];
  return value === undefined ? undefined : tokens.ownerOf(value);
};

/** The token whose permissions count for this request. An X-Auth-Email beside it does not matter. */
const admit = (request: HonoRequest, tokens: Tokens, { refuse = invalidAccessToken, verifies }: Admission): Token => {
  const authorization = request.header("authorization");
  if (authorization === undefined) throw withoutToken(request);
  if (!form.test(authorization)) throw invalidHeader(6111);
  const token = bearer(request, tokens);
  const admitted = token && (verifies ? tokens.exists(token) : tokens.works(token));
  if (!token || !admitted) throw refuse();
  tokens.noteUse(token);
  return token;
};

/** The lab's user has no global API key; what looks like one is unknown, what does not is told so. */
const withoutToken = (request: HonoRequest): Refusal => {
  const key = request.header("x-auth-key");
  if (key === undefined) return missingCredentials();
  return /^[0-9a-f]{37}$/.test(key) ? unknownKey() : invalidHeader(6103);
};
