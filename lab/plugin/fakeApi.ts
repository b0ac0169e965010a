/** An HTTP server that keeps what it was asked, and answers as a test says. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

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

export async function startApi(answer: (asked: Asked, count: number) => Answer): Promise<FakeApi> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url: path = "", headers } = request;
    const question = { method, path, body: await text(request), authorization: headers.authorization };
    const { status, body, headers: more } = answer(question, asked.push(question));
    const isText = typeof body === "string";
    response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json", ...more });
    response.end(isText ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { baseUrl: `http://127.0.0.1:${port}/client/v4`, asked, close };
}

/** The envelope of the API around a result. */
export const success = (result: object | null): Answer => ({
  status: 200,
  body: { result, success: true, errors: [], messages: [] },
});

export const failure = (status: number, code: number, message: string): Answer => ({
  status,
  body: { result: null, success: false, errors: [{ code, message }], messages: [] },
});
