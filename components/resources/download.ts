/** Text of a file, or of an address in the internet. */
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
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
  const proxy = isAddress ? [proxyOf(location)?.variable, ...set("no_proxy", "NO_PROXY")].filter(Boolean) : [];
  const check = isAddress ? ["network access", ...proxy].join(" and ") : "the path";
  throw edgeError(
    `${path} must be readable, got ${location}: ${outcome.cause} (check ${check}, or set ${path} to a mirror or a local copy)`,
  );
};

const read = (file: string): Promise<Outcome> => readFile(file, "utf8").then((text) => ({ text }), failed(false));

const download = async (address: string): Promise<Outcome> => {
  const proxy = proxyOf(address);
  const client = proxy ? await throughProxy(proxy.address).catch(failed(false)) : direct;
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

/** A client, as far as it is used here. */
type Client = (address: string, init: { signal: AbortSignal }) => Promise<Answer>;
type Answer = Pick<Response, "ok" | "status" | "statusText" | "headers" | "text"> & {
  body: { cancel(): Promise<void> } | null;
};

const direct: Client = (address, init) => fetch(address, init);

/** Node's own client knows of proxies only when the process is started so. The library takes long to load, so most never load it. */
const throughProxy = async (proxy: string): Promise<Client> => {
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  // It reads NO_PROXY itself.
  const dispatcher = new EnvHttpProxyAgent({ httpProxy: proxy, httpsProxy: proxy });
  return (address, init) => fetch(address, { ...init, dispatcher });
};

/** The proxy for an address by the variables that curl and Helm go by: https://everything.curl.dev/usingcurl/proxies/env.html */
const proxyOf = (address: string): { variable: string; address: string } | undefined => {
  const [variable] = /^https:/i.test(address) ? set("https_proxy", "HTTPS_PROXY") : set("http_proxy", "HTTP_PROXY");
  const proxy = variable && process.env[variable];
  return proxy ? { variable, address: proxy.includes("://") ? proxy : `http://${proxy}` } : undefined;
};

/** Those of the variables that say something. */
const set = (...variables: string[]): string[] => variables.filter((name) => process.env[name]);

const attempt = async (client: Client, address: string): Promise<Outcome> => {
  try {
    const answer = await client(address, { signal: AbortSignal.timeout(timeout) });
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
  (error: unknown): { cause: string; retry: boolean } => ({ cause: causeOf(error), retry });

/** The innermost message: a client only says that it failed, and the error below says why. */
const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer in ${timeout / 1_000} s`;
  if (error.cause) return causeOf(error.cause);
  // One error for each address of a name.
  if (error instanceof AggregateError) return causeOf(error.errors[0]);
  return error.message.split("\n")[0] ?? "";
};
