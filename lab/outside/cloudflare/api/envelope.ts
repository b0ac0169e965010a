/** The form of every answer, and the general refusals in Cloudflare's codes and words. */

export interface Problem {
  code: number;
  message: string;
  error_chain?: Problem[];
}

export interface Message {
  code: number;
  message: string;
  type: null;
}

export interface Envelope {
  result: unknown;
  success: boolean;
  errors: Problem[];
  messages: Message[];
  result_info?: { page: number; per_page: number; count: number; total_count: number; total_pages: number };
}

export const success = (result: unknown, ...messages: Message[]): Envelope => ({
  result,
  success: true,
  errors: [],
  messages,
});

/** Thrown for a request that is refused. It becomes the answer. */
export class Refusal extends Error {
  private readonly problems: Problem[];

  constructor(
    readonly status: number,
    ...problems: Problem[]
  ) {
    super(problems.map(({ code, message }) => `${message} (${code})`).join(", "));
    this.problems = problems;
  }

  answer(): Response {
    const body: Envelope = { result: null, success: false, errors: this.problems, messages: [] };
    return Response.json(body, { status: this.status });
  }
}

/** The token may not read or write the zone's records, or there is no such token. */
export const authenticationError = () => new Refusal(403, { code: 10000, message: "Authentication error" });

/** The token lacks the permission. A zone that does not exist gets the same answer. */
export const unauthorized = () =>
  new Refusal(403, { code: 9109, message: "Unauthorized to access requested resource" });

export const invalidAccessToken = () => new Refusal(403, { code: 9109, message: "Invalid access token" });

/** The token is not taken from the client's address. */
export const elsewhere = (address: string) =>
  new Refusal(403, { code: 9109, message: `Cannot use the access token from location: ${address}` });

/** The refusal of `verify`, also for a token of the other kind. */
export const invalidApiToken = () => new Refusal(401, { code: 1000, message: "Invalid API Token" });

export const missingCredentials = () =>
  new Refusal(400, { code: 9106, message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers" });

export const unknownKey = () => new Refusal(403, { code: 9103, message: "Unknown X-Auth-Key or X-Auth-Email" });

export const invalidHeader = (code: 6103 | 6111) =>
  new Refusal(400, {
    code: 6003,
    message: "Invalid request headers",
    error_chain: [{ code, message: `Invalid format for ${code === 6111 ? "Authorization" : "X-Auth-Key"} header` }],
  });

export const malformedJson = () => new Refusal(400, { code: 6007, message: "Malformed JSON in request body" });

const noRouteProblem = { code: 7000, message: "No route for that URI" };

export const noRoute = () => new Refusal(400, noRouteProblem);

/** The path has no valid identifier: it is empty, or a domain instead of an id. */
export const invalidIdentifier = (path: string) =>
  new Refusal(
    404,
    { code: 7003, message: `Could not route to ${path}, perhaps your object identifier is invalid?` },
    noRouteProblem,
  );

export const methodNotAvailable = (method: string) =>
  new Refusal(405, { code: 7001, message: `Method ${method} not available for that URI.` });
