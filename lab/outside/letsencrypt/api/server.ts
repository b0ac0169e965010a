/**
 * Stands in front of a Pebble, which has no rate limits, does not fail when it is told to, and refuses a challenge that is accepted twice:
 * refuses what Let's Encrypt would refuse and nothing else, and does wrong what it is asked to. It uses no framework: an answer must go on
 * unchanged, but a web `Response` joins the lines of one header, and ACME clients read each `Link` by itself.
 */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type Server } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { Faults } from "../../faults";
import type { AcmeFault } from "./faults";
import type { Answer, Forward } from "./pebble";
import type { Order, RateLimits, Refusal } from "./rateLimits";

/** Pebble's paths of ACME's objects. */
const paths = { nonce: "/nonce-plz", newOrder: "/order-plz", authorization: "/authZ/", challenge: "/chalZ/" };

interface Options {
  /** None where they are too wide to be met. */
  limits?: RateLimits;
  faults?: Faults<AcmeFault>;
}

export const acmeServer = (forward: Forward, { limits, faults = new Faults() }: Options = {}): Server => {
  /** Certificates and authorizations that were counted. A client asks for them more than once. */
  const counted = new Set<string>();
  const once = (what: string): boolean => {
    const known = counted.has(what);
    counted.add(what);
    return !known;
  };

  /** Challenges, as they were when they were accepted. */
  const accepted = new Map<string, Answer>();
  /** Let's Encrypt answers whoever accepts a challenge again, as cert-manager does now and then, with the challenge as it is. */
  const acceptedAgain = (path: string, { headers, body }: Answer): Answer | undefined => {
    const [, status] = /^Cannot update challenge with status (\w+)/.exec(parsed(body).detail ?? "") ?? [];
    const before = status === undefined ? undefined : accepted.get(path);
    if (!before) return undefined;
    const { "content-length": _, ...kept } = before.headers;
    return {
      status: before.status,
      headers: { ...kept, "replay-nonce": headers["replay-nonce"] },
      body: Buffer.from(JSON.stringify({ ...parsed(before.body), status })),
    };
  };

  /** Undefined closes the connection. */
  const answer = async (request: IncomingMessage): Promise<Answer | undefined> => {
    const { method = "GET", url: path = "/" } = request;
    const { connection: _, ...headers } = request.headers;
    const body = await buffer(request);
    const nonce = async () => {
      const { host, "user-agent": agent } = headers;
      const asked = { method: "HEAD", path: paths.nonce, headers: { host, "user-agent": agent }, body: Buffer.of() };
      return (await forward(asked)).headers["replay-nonce"];
    };

    const met = faults.take({ method, path });
    for (const { delay } of met) if (delay) await wait(delay);
    if (met.some(({ drop }) => drop)) return undefined;
    for (const { status, type = "serverInternal", detail = "out of order", retryAfter } of met)
      if (status) return problem({ status, type, detail, retryAfter }, await nonce());

    const jws = signed(body);
    const order = path === paths.newOrder && jws ? orderOf(jws) : undefined;
    const refusal = order && limits?.refusal(order);
    if (refusal) return refused(refusal, await nonce());

    const answered = await forward({ method, path, headers, body });
    if (order && answered.status === 201) limits?.ordered(order);
    const object = parsed(answered.body);
    if (typeof object.certificate === "string" && once(object.certificate)) limits?.issued(namesOf(object));
    if (path.startsWith(paths.authorization) && object.status === "invalid" && jws && once(path))
      limits?.failed(jws.account, object.identifier?.value ?? "");
    if (!path.startsWith(paths.challenge)) return answered;
    if (answered.status === 200) accepted.set(path, answered);
    return acceptedAgain(path, answered) ?? answered;
  };

  return createServer((request, response) => {
    answer(request).then(
      (answered) => {
        if (!answered) return response.destroy();
        const { status, headers, body } = answered;
        const { connection: _, "transfer-encoding": __, ...passed } = headers;
        return response.writeHead(status, passed).end(body);
      },
      (error: unknown) => {
        console.error(`${request.url}: ${error instanceof Error ? error.message : error}`);
        response.writeHead(502).end();
      },
    );
  });
};

/** https://www.rfc-editor.org/rfc/rfc8555#section-6.7 */
const problem = (
  { type, detail, status, retryAfter }: { type: string; detail: string; status: number; retryAfter?: number },
  nonce: OutgoingHttpHeaders[string],
): Answer => ({
  status,
  headers: {
    "content-type": "application/problem+json",
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    ...(nonce && { "replay-nonce": nonce }),
  },
  body: Buffer.from(JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status })),
});

const refused = (refusal: Refusal, nonce: OutgoingHttpHeaders[string]): Answer => {
  const answer = problem({ status: 429, type: "rateLimited", ...refusal }, nonce);
  return { ...answer, headers: { ...answer.headers, link: '<https://letsencrypt.org/docs/rate-limits>;rel="help"' } };
};

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
  detail?: string;
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
