/** Whose token a request bears. */
import type { IncomingHttpHeaders } from "node:http";
import type { Token } from "./account";
import type { Refusal } from "./envelope";
import { invalidAccessToken, invalidHeader, missingCredentials, unknownKey } from "./refusals";
import type { Route } from "./route";
import type { Tokens } from "./tokens";

/** 40 characters, or a prefix that tells the kind of token, 40 characters and a checksum. */
const form = /^Bearer ([A-Za-z0-9_-]{40}|cf[ua]t_[A-Za-z0-9]{40}[0-9a-f]{8})$/;

/** The token named by the headers, working or not; undefined when nobody ever had it. */
export function bearer(headers: IncomingHttpHeaders, tokens: Tokens): Token | undefined {
  const value = form.exec(headers.authorization ?? "")?.[1];
  return value === undefined ? undefined : tokens.ownerOf(value);
}

/** The token whose permissions count for this request. An X-Auth-Email beside it does not matter. */
export function admit(headers: IncomingHttpHeaders, tokens: Tokens, route: Route): Token {
  if (headers.authorization === undefined) throw withoutToken(headers);
  if (!form.test(headers.authorization)) throw invalidHeader(6111);
  const token = bearer(headers, tokens);
  const admitted = token && (route.verifies ? tokens.exists(token) : tokens.works(token));
  if (!token || !admitted) throw (route.refuse ?? invalidAccessToken)();
  tokens.noteUse(token);
  return token;
}

/** The lab's user has no global API key; what looks like one is unknown, what does not is told so. */
function withoutToken(headers: IncomingHttpHeaders): Refusal {
  const key = headers["x-auth-key"];
  if (key === undefined) return missingCredentials();
  return /^[0-9a-f]{37}$/.test(String(key)) ? unknownKey() : invalidHeader(6103);
}
