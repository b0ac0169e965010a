/** What Cloudflare said, out of the text with which its provider fails. */
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** A refusal, or whatever else kept a request from being answered. */
export interface CloudflareAnswer {
  /** Cloudflare's own words with its codes; or, when it gave none, the provider's text. */
  line: string;
  /** Status of the answer, if there was one. */
  status: number | undefined;
  /** Whether the credential itself is refused, and not what it asked for. */
  credentialRefused: boolean;
}

const Problem = z.object({
  code: z.number(),
  message: z.string(),
  get error_chain() {
    return z.array(Problem).optional();
  },
});
type Problem = z.infer<typeof Problem>;

const Envelope = z.object({ errors: z.array(Problem).min(1) });

/** The provider's text ends with the status and the body: https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/ */
export const cloudflareAnswer = (text: string): CloudflareAnswer => {
  const [, status, reason = "", body = ""] = /(\d{3}) ([A-Za-z -]+?) (\{.*\})\s*$/s.exec(text) ?? [];
  const problems = problemsOf(body);
  if (!status || !problems) return { line: oneLine(ownWords(text)), status: undefined, credentialRefused: false };
  return {
    line: oneLine(`${status} ${reason}: ${problems.map(words).join(", ")}`),
    status: Number(status),
    credentialRefused: problems.some(refusesCredential),
  };
};

const problemsOf = (body: string): Problem[] | undefined => {
  try {
    return Envelope.safeParse(JSON.parse(body)).data?.errors;
  } catch {
    return undefined;
  }
};

const words = ({ code, message, error_chain = [] }: Problem): string =>
  [`${message} (${code})`, ...error_chain.map(words)].join(": ");

/** Codes for a header of the wrong form, an unknown key, no credential and an unknown token. */
const codesOfCredentials = [6003, 9103, 9106, 1000];

/** 9109 is also the code of a good token that lacks a right. */
const refusesCredential = ({ code, message }: Problem): boolean =>
  codesOfCredentials.includes(code) || (code === 9109 && /^invalid access token$/i.test(message));

/** The engine says before it which function was called. */
const ownWords = (text: string): string => text.replace(/^.*?returned an error: /s, "");

const longest = 300;

/** Line breaks and escape codes would garble the message that quotes it. */
const oneLine = (text: string): string => {
  const line = stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
};
