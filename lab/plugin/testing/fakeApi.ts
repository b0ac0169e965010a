/** An HTTP server that records requests, and answers as a test says. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { listening, serverOf, stop } from "../../tools/http";

export interface Asked {
  method: string;
  path: string;
  body: string;
  authorization?: string;
}

export interface Answer {
  status: number;
  body: object | string;
  headers?: Record<string, string>;
}

export interface FakeApi {
  baseUrl: string;
  asked: Asked[];
  close(): void;
}

export const startApi = async (answer: (asked: Asked, count: number) => Answer): Promise<FakeApi> => {
  const asked: Asked[] = [];
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.all("*", async ({ req, env }) => {
    const question = {
      method: req.method,
      path: env.incoming.url ?? "",
      body: await req.text(),
      authorization: req.header("authorization"),
    };
    const { status, body, headers } = answer(question, asked.push(question));
    const isText = typeof body === "string";
    return new Response(isText ? body : JSON.stringify(body), {
      status,
      headers: { "content-type": isText ? "text/plain" : "application/json", ...headers },
    });
  });
  const server = serverOf(app);
  return { baseUrl: `${await listening(server)}/client/v4`, asked, close: () => stop(server) };
};

/** The envelope of the API around a result. */
export const success = (result: object | null): Answer => ({
  status: 200,
  body: { result, success: true, errors: [], messages: [] },
});

export const failure = (status: number, code: number, message: string): Answer => ({
  status,
  body: { result: null, success: false, errors: [{ code, message }], messages: [] },
});
