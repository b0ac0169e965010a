/** The client for addresses in the internet: Node's own, or one that goes through the proxy that the environment names. */

/** What it answers. */
export type Answer = Pick<Response, "ok" | "status" | "statusText" | "headers" | "text"> & {
  body: { cancel(): Promise<void> } | null;
};

/** A client, as far as it is used here. */
export type Client = (
  address: string,
  init: { method?: string; signal: AbortSignal; headers?: Record<string, string> },
) => Promise<Answer>;

/** The client for an address. */
export const clientFor = async (address: string): Promise<Client> => {
  const proxy = proxyOf(address);
  return proxy ? throughProxy(proxy.address) : direct;
};

/**
 * A signal that ends a request after so many milliseconds in which its answer could have been heard: a program that loads its modules hears
 * none meanwhile, which takes seconds on a busy machine.
 */
export const limit = (milliseconds: number): AbortSignal => {
  const steps = 20;
  const controller = new AbortController();
  let left = steps;
  const timer = setInterval(() => {
    if (--left > 0) return;
    clearInterval(timer);
    controller.abort(new DOMException(`no answer in ${milliseconds} ms`, "TimeoutError"));
  }, milliseconds / steps).unref();
  return controller.signal;
};

/** What people check when an address cannot be reached. */
export const toCheck = (address: string): string =>
  ["network access", proxyOf(address)?.variable, ...set("no_proxy", "NO_PROXY")].filter(Boolean).join(" and ");

/** The innermost message: a client only says that it failed, and the error below says why. */
export const causeOf = (error: unknown, timeout: number): string => {
  const inner = innermost(error);
  if (!(inner instanceof Error)) return String(inner);
  return inner.name === "TimeoutError" ? `no answer in ${timeout / 1_000} s` : (inner.message.split("\n")[0] ?? "");
};

/** The error below all others. */
export const innermost = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  if (error.cause) return innermost(error.cause);
  // One error for each address of a name.
  return error instanceof AggregateError ? innermost(error.errors[0]) : error;
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
