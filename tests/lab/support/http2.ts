/** Requests that share one HTTP/2 connection. */
import http2 from "node:http2";
import { buffer } from "node:stream/consumers";
import { rootOf } from "../../../lab";

/** One answer, its body as it came. */
export interface Http2Answer {
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  body: string;
}

/** Connects to one host and asks for several there, one after the other, as browsers do when one certificate covers them. */
export const coalesced = async (
  host: string,
  authorities: string[],
  headers: Record<string, string> = {},
): Promise<Http2Answer[]> => {
  const session = http2.connect(`https://${host}`, { ca: rootOf("staging") });
  const failed = new Promise<never>((_, reject) => session.once("error", reject));
  try {
    const answers: Http2Answer[] = [];
    for (const authority of authorities)
      answers.push(await Promise.race([failed, answered(session.request({ ":authority": authority, ...headers }))]));
    return answers;
  } finally {
    session.destroy();
  }
};

const answered = async (stream: http2.ClientHttp2Stream): Promise<Http2Answer> => {
  const headers = new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
    stream.once("response", resolve);
    stream.once("error", reject);
  });
  const found = await headers;
  const bytes = await buffer(stream);
  const plain = Object.entries(found).map(([name, value]) => [name, String(value)]);
  return { status: Number(found[":status"]), headers: Object.fromEntries(plain), bytes, body: String(bytes) };
};
