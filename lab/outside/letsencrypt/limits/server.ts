/**
 * Stands in front of a Pebble, because Pebble has no rate limits, and refuses what Let's Encrypt would refuse. It uses no framework: an
 * answer must go on unchanged, but a web `Response` joins the lines of one header, and ACME clients read each `Link` by itself.
 */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type Server } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Answer, Forward } from "./pebble";
import { type Order, RateLimits, type Refusal } from "./rateLimits";

/** Pebble's paths of ACME's objects. */
const paths = { nonce: "/nonce-plz", newOrder: "/order-plz", authorization: "/authZ/" };

export const limited = (forward: Forward, limits = new RateLimits()): Server => {
  /** Certificates and authorizations that were counted. A client asks for them more than once. */
  const counted = new Set<string>();
  const once = (what: string): boolean => {
    const known = counted.has(what);
    counted.add(what);
    return !known;
  };

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { method = "GET", url: path = "/" } = request;
    const { connection: _, ...headers } = request.headers;
    const body = await buffer(request);
    const jws = signed(body);
    const order = path === paths.newOrder && jws ? orderOf(jws) : undefined;
    const refusal = order && limits.refusal(order);
    if (refusal) {
      const { host, "user-agent": agent } = headers;
      const nonce = { method: "HEAD", path: paths.nonce, headers: { host, "user-agent": agent }, body: Buffer.of() };
      return refused(refusal, (await forward(nonce)).headers["replay-nonce"]);
    }

    const answered = await forward({ method, path, headers, body });
    if (order && answered.status === 201) limits.ordered(order);
    const object = parsed(answered.body);
    if (typeof object.certificate === "string" && once(object.certificate)) limits.issued(namesOf(object));
    if (path.startsWith(paths.authorization) && object.status === "invalid" && jws && once(path))
      limits.failed(jws.account, object.identifier?.value ?? "");
    return answered;
  };

  return createServer((request, response) => {
    answer(request).then(
      ({ status, headers: { connection: _, "transfer-encoding": __, ...headers }, body }) =>
        response.writeHead(status, headers).end(body),
      (error: unknown) => {
        console.error(`${request.url}: ${error instanceof Error ? error.message : error}`);
        response.writeHead(502).end();
      },
    );
  });
};

const refused = ({ detail, retryAfter }: Refusal, nonce: OutgoingHttpHeaders[string]): Answer => ({
  status: 429,
  headers: {
    "content-type": "application/problem+json",
    "retry-after": String(retryAfter),
    ...(nonce && { "replay-nonce": nonce }),
    link: '<https://letsencrypt.org/docs/rate-limits>;rel="help"',
  },
  body: Buffer.from(JSON.stringify({ type: "urn:ietf:params:acme:error:rateLimited", detail, status: 429 })),
});

/** What the server reads from ACME's objects (RFC 8555, 7.1) and from signed requests (6.2). */
interface AcmeObject {
  status?: string;
  certificate?: unknown;
  identifier?: { value: string };
  identifiers?: { value: string }[];
  replaces?: string;
  kid?: string;
  protected?: string;
  payload?: string;
}

const parsed = (body: Buffer): AcmeObject => {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
};

/** The account and the payload of a request. Pebble checks the signature. */
const signed = (body: Buffer): { account: string; payload: AcmeObject } | undefined => {
  const { protected: header = "", payload = "" } = parsed(body);
  const { kid } = parsed(Buffer.from(header, "base64url"));
  return kid ? { account: kid, payload: parsed(Buffer.from(payload, "base64url")) } : undefined;
};

const orderOf = ({ account, payload }: { account: string; payload: AcmeObject }): Order => ({
  account,
  names: namesOf(payload),
  ...(payload.replaces && { replaces: payload.replaces }),
});

const namesOf = ({ identifiers = [] }: AcmeObject): string[] => identifiers.map(({ value }) => value);
