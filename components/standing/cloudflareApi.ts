/** Cloudflare's API, asked with a credential of the edge: https://developers.cloudflare.com/api/ */
import { z } from "zod";
import { causeOf, clientFor, limit } from "./client";

/** What it says: a result, a refusal in its own words, or nothing. */
export type Said<T> = { result: T } | { refused: string; status: number } | { silent: string };

/** Why there is no result. */
export const whyNot = (said: Exclude<Said<unknown>, { result: unknown }>): string =>
  "refused" in said ? said.refused : said.silent;

/** Where the API is, by the variable that the provider goes by, too. */
const address = (): string => process.env.CLOUDFLARE_BASE_URL ?? "https://api.cloudflare.com/client/v4";

/** Milliseconds. */
const patience = 10_000;

const Envelope = z.object({
  result: z.unknown().optional(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).nullish(),
});

/** Asks with a token; reads unless told otherwise. */
export const askCloudflare = async <T>(token: string, path: string, method = "GET"): Promise<Said<T>> => {
  try {
    const client = await clientFor(address());
    const headers = { authorization: `Bearer ${token}` };
    const answer = await client(`${address()}${path}`, { method, signal: limit(patience), headers });
    const { result, errors } = Envelope.parse(JSON.parse(await answer.text()));
    if (answer.ok) return { result: result as T };
    const words = (errors ?? []).map(({ code, message }) => `${message} (${code})`).join(", ");
    return { refused: `${answer.status} ${words}`.trim(), status: answer.status };
  } catch (error) {
    return {
      silent:
        error instanceof z.ZodError || error instanceof SyntaxError ? "no answer of its API" : causeOf(error, patience),
    };
  }
};
