/** A call of the API: its token, the identifiers in its path, and its JSON body. */
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { text } from "node:stream/consumers";
import type { HttpBindings } from "@hono/node-server";
import type { Context, Handler, HonoRequest } from "hono";
import type { Token } from "../account";
import type { Tokens } from "../tokens/tokens";
import type { World } from "../world";
import {
  type Envelope,
  elsewhere,
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

/** An identifier in a path. The pattern takes an empty one too, so that the call can refuse it. */
export const id = <Name extends string>(name: Name) => `:${name}{[^/]*}` as const;

export const queryOf = ({ req }: Call): URLSearchParams => new URL(req.url).searchParams;

interface Admission {
  /** The refusal of a token that does not work. */
  refuse?: () => Refusal;
  /** Whether it also answers to tokens that are disabled or expired. */
  verifies?: boolean;
}

/** Handles a path by method. It checks a request's identifiers, method, token and body, in this order. */
export const methods =
  (answers: Record<string, (call: Call) => Envelope>, admission: Admission = {}): Handler<Env> =>
  async (call) => {
    const { method, url } = call.req;
    const { pathname } = new URL(url);
    // Hono decodes what it reads from the path.
    const identified = !pathname.includes("%") && Object.values(call.req.param()).every(isIdentifier);
    if (!identified) throw invalidIdentifier(pathname);
    const answer = answers[method];
    if (!answer) throw methodNotAvailable(method);
    call.set("caller", admit(call, admission));
    call.set("body", await readBody(call));
    return call.json(answer(call));
  };

const isIdentifier = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

const readBody = async ({ env }: Call): Promise<unknown> => {
  const body = await text(env.incoming); // Hono gives no body for a GET
  try {
    return body === "" ? undefined : JSON.parse(body);
  } catch {
    throw malformedJson();
  }
};

/** 40 characters; or a prefix for the kind of token, 40 characters and a checksum. */
const form = /^Bearer ([A-Za-z0-9_-]{40}|cf[ua]t_[A-Za-z0-9]{40}[0-9a-f]{8})$/;

/** The token of a request, working or not. Undefined when there never was such a token. */
export const bearer = (request: HonoRequest, tokens: Tokens): Token | undefined => {
  const value = form.exec(request.header("authorization") ?? "")?.[1];
  return value === undefined ? undefined : tokens.ownerOf(value);
};

/** The token whose permissions count for this request. An X-Auth-Email beside it does not matter. */
const admit = (
  { req: request, env: { incoming }, var: { world } }: Call,
  { refuse = invalidAccessToken, verifies }: Admission,
): Token => {
  const { tokens } = world;
  const authorization = request.header("authorization");
  if (authorization === undefined) throw withoutToken(request);
  if (!form.test(authorization)) throw invalidHeader(6111);
  const token = bearer(request, tokens);
  const admitted = token && (verifies ? tokens.exists(token) : tokens.works(token));
  if (!token || !admitted) throw refuse();
  const address = addressOf(request, incoming);
  if (!tokens.takenFrom(token, address)) throw elsewhere(address);
  tokens.noteUse(token);
  return token;
};

/** The client's address, which the front tells. */
const addressOf = (request: HonoRequest, { socket }: IncomingMessage | Http2ServerRequest): string =>
  request.header("x-forwarded-for") ?? socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";

/** The lab's user has no global API key. A well-formed key is unknown, and any other is malformed. */
const withoutToken = (request: HonoRequest): Refusal => {
  const key = request.header("x-auth-key");
  if (key === undefined) return missingCredentials();
  return /^[0-9a-f]{37}$/.test(key) ? unknownKey() : invalidHeader(6103);
};
