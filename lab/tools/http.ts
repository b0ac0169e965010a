/** The lab's HTTP servers: hono applications on Node's own server. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import { host, urlOf } from "../ports";

type App = { fetch: Parameters<typeof getRequestListener>[0] };

export const serverOf = (app: App): Server => createServer(getRequestListener(app.fetch));

/** Closes the connection without an answer. */
export const hangUp = ({ env }: Context): Response => {
  env.outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
};

/** JSON for people to read. */
export const indented = (call: Context, body: unknown, status: 200 | 400 | 404 = 200): Response =>
  call.body(`${JSON.stringify(body, undefined, 2)}\n`, status, { "content-type": "application/json" });

/** Starts a server on a free port, and returns its URL. */
export const listening = async (server: Server): Promise<string> => {
  await once(server.listen(0, host), "listening");
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("not a server on TCP");
  return urlOf(address.port);
};

export const stop = (server: Server): void => server.close().closeAllConnections();
