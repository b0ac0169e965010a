/** Text of a file, or of an address in the internet. */
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { type Client, causeOf, clientFor, limit, toCheck } from "../standing/client";
import { edgeError } from "./error";

/** Milliseconds for one try, from the name's resolution to the last byte: three megabytes at 50 KB/s. */
const timeout = 60_000;

/** Milliseconds before each further try, unless the server asks for more. */
const waits = [1_000, 2_000, 4_000];

/** A server that asks for a longer wait is not asked again. */
const longestWait = 60_000;

/** What a try came to: the text; or why there is none, and whether and when another try may do better. */
type Outcome = { text: string } | { cause: string; retry: boolean; wait?: number };

/**
 * The text at a location, an address or a path, that the setting `path` names. An address is read through the proxy that the environment
 * names, and again after a while when the server is busy or fails, or the connection does.
 *
 * Errors: `path must be readable, got …`, with the cause of the last try.
 */
export const readText = async (path: string, location: string): Promise<string> => {
  const isAddress = /^https?:/i.test(location);
  const outcome = isAddress ? await download(location) : await read(location);
  if ("text" in outcome) return outcome.text;
  const check = isAddress ? toCheck(location) : "the path";
  throw edgeError(
    `${path} must be readable, got ${location}: ${outcome.cause} (check ${check}, or set ${path} to a mirror or a local copy)`,
  );
};

const read = (file: string): Promise<Outcome> => readFile(file, "utf8").then((text) => ({ text }), failed(false));

const download = async (address: string): Promise<Outcome> => {
  const client = await clientFor(address).catch(failed(false));
  if ("cause" in client) return client;
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(client, address);
    if ("text" in outcome || !outcome.retry) return outcome;
    const { cause, wait = 0 } = outcome;
    const least = waits[tries - 1];
    if (least === undefined) return { cause: `${cause}, after ${tries} tries`, retry: false };
    if (wait > longestWait) return { cause: `${cause}, for another ${Math.ceil(wait / 1_000)} s`, retry: false };
    await setTimeout(Math.max(least, wait));
  }
};

const attempt = async (client: Client, address: string): Promise<Outcome> => {
  try {
    const answer = await client(address, { signal: limit(timeout) });
    if (answer.ok) return { text: await answer.text() };
    await answer.body?.cancel();
    const { status, statusText, headers } = answer;
    const wait = waitOf(headers.get("retry-after"));
    return { cause: `${status} ${statusText}`.trim(), retry: status === 429 || status >= 500, wait };
  } catch (error) {
    return failed(true)(error);
  }
};

/** Milliseconds of a Retry-After, which is seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
const waitOf = (header: string | null): number | undefined => {
  if (!header) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? undefined : wait;
};

const failed =
  (retry: boolean) =>
  (error: unknown): { cause: string; retry: boolean } => ({ cause: causeOf(error, timeout), retry });
