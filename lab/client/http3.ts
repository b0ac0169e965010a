/** What a client sees of a host over HTTP/3, by a program that speaks nothing else. */
import { trust } from "../layout";
import { output } from "../tools/process";

/** One answer over QUIC. */
export interface Http3Answer {
  /** What it came by: "HTTP/3.0". */
  protocol: string;
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Names of the certificate. */
  names: string[];
}

/** Sends a request over its own QUIC connection, trusting the root of one Let's Encrypt. Rejects when there is none, and follows no redirect. */
export const askHttp3 = async (
  host: string,
  path = "/",
  environment: keyof typeof trust = "staging",
): Promise<Http3Answer> =>
  JSON.parse(await output(["http3", "-roots", trust[environment], `https://${host}${path}`])) as Http3Answer;
