/** Forwards a request to a Pebble unchanged, so that Pebble sees its own address in it and the signature fits. */
import type { OutgoingHttpHeaders } from "node:http";
import { Agent, request as ask } from "node:https";
import { buffer } from "node:stream/consumers";

export interface Message {
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

export type Request = Message & { method: string; path: string };
export type Answer = Message & { status: number };
export type Forward = (request: Request) => Promise<Answer>;

/** Forwards to the Pebble at a port of loopback. `ca` signed its certificate. */
export const pebbleAt = (port: number, ca: string): Forward => {
  const agent = new Agent({ keepAlive: true, ca });
  return ({ body, ...request }) =>
    new Promise((resolve, reject) => {
      ask({ host: "127.0.0.1", port, servername: "localhost", agent, ...request }, (response) => {
        const { statusCode: status = 502, headers } = response;
        buffer(response).then((content) => resolve({ status, headers, body: content }), reject);
      })
        .on("error", reject)
        .end(body);
    });
};
