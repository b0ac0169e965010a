/** The Cloudflare API as the resources see it: a method, a path, and an answer or the error that the provider shows. */
import { STATUS_CODES } from "node:http";
import type { Client } from "./client";
import type { Configuration } from "./configuration";
import { isProperties, type Properties, type Value } from "./value";

export type Method = "get" | "post" | "put" | "delete";

/** The message is the provider's: summary, request, status, and the API's answer word for word. */
export class ApiError extends Error {
  constructor(
    request: string,
    reason: string,
    readonly status?: number,
  ) {
    super(`failed to make http request: ${request}: ${reason}`);
  }
}

export class Api {
  private readonly cancelled = new AbortController();
  private client?: Client;

  constructor(private readonly configuration: Configuration) {}

  /** Returns the `result` of the answer. The client retries by itself, as often and as long as the provider does. */
  async request(method: Method, path: string, parameters: { body?: Value; query?: Properties } = {}): Promise<Value> {
    const client = this.connect();
    try {
      const envelope = await client[method]<Value>(path, { ...parameters, signal: this.cancelled.signal });
      return isProperties(envelope) ? (envelope.result ?? null) : null;
    } catch (error) {
      throw apiError(`${method.toUpperCase()} "${client.buildURL(path, parameters.query)}"`, error);
    }
  }

  cancel(): void {
    this.cancelled.abort();
  }

  private connect(): Client {
    // Loaded late, because it is slow to load and the engine waits for the plugin to start.
    const { Client }: typeof import("./client") = require("./client");
    const { apiToken, apiKey, email, apiUserServiceKey, baseUrl } = this.configuration;
    const credentials = { apiToken, apiKey, apiEmail: email, userServiceKey: apiUserServiceKey };
    this.client ??= new Client({ ...credentials, baseURL: baseUrl });
    return this.client;
  }
}

interface Failure extends Error {
  status?: number;
  /** The answer, when it was JSON. */
  error?: object;
}

const apiError = (request: string, thrown: unknown): ApiError => {
  const failure: Failure = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { status } = failure;
  if (status === undefined) return new ApiError(request, reasons(failure).join(": "));
  // Without JSON the client's message is the status and the text of the answer.
  const answer = failure.error ? JSON.stringify(failure.error) : failure.message.slice(`${status} `.length);
  return new ApiError(request, `${status} ${STATUS_CODES[status] ?? ""} ${answer}`, status);
};

/** The messages of an error and of all its causes. */
const reasons = ({ message, cause }: Error): string[] => [message, ...(cause instanceof Error ? reasons(cause) : [])];
