/** Cloudflare's API as it answers a token that the edge has created, on loopback. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What it answers a request, and with which status; nothing hangs up. */
export type Answers = (request: { method: string; path: string; token: string }) =>
  | {
      status?: number;
      result?: unknown;
      errors?: { code: number; message: string }[];
    }
  | undefined;

/** A token that works everywhere. */
const working: Answers = () => ({ result: [] });
let answers = working;

const server = createServer((request, response) => {
  const { method = "", url: path = "", headers } = request;
  const token = (headers.authorization ?? "").replace("Bearer ", "");
  const answer = answers({ method, path, token });
  if (!answer) return response.destroy();
  const { status = 200, result = null, errors = [] } = answer;
  response.writeHead(status, { "content-type": "application/json" });
  return response.end(JSON.stringify({ result, errors, success: status < 300, messages: [] }));
}).listen(0, "127.0.0.1");
server.unref();
const listening = once(server, "listening");

/** Asks it in place of Cloudflare while something runs. */
export const withApi = async <T>(during: () => Promise<T>, given: Answers = working): Promise<T> => {
  await listening;
  const before = process.env.CLOUDFLARE_BASE_URL;
  process.env.CLOUDFLARE_BASE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on TCP
  answers = given;
  try {
    return await during();
  } finally {
    answers = working;
    if (before === undefined) delete process.env.CLOUDFLARE_BASE_URL;
    else process.env.CLOUDFLARE_BASE_URL = before;
  }
};
