/** Which call a request is, by its method and path. */

import type { Token } from "./account";
import type { Answer, Refusal } from "./envelope";
import { invalidIdentifier, methodNotAvailable, noRoute } from "./refusals";
import type { World } from "./world";

export interface Call {
  world: World;
  /** Whose token came with the request. */
  caller: Token;
  params: Record<string, string | undefined>;
  query: URLSearchParams;
  body: unknown;
}

export interface Route {
  method: string;
  /** Below /client/v4; a segment that begins with a colon is an identifier. */
  template: string;
  handle: (call: Call) => Answer;
  /** What is said to a token that does not work; that the access token is invalid where nothing is given. */
  refuse?: () => Refusal;
  /** It answers about tokens that do not work any more. */
  verifies?: true;
}

const prefix = "/client/v4";

export function findRoute(routes: Route[], method: string, path: string): { route: Route; params: Call["params"] } {
  if (!path.startsWith(`${prefix}/`)) throw noRoute();
  const segments = path
    .slice(prefix.length + 1)
    .replace(/\/$/, "")
    .split("/");
  const alike = routes.filter(({ template }) => fits(template, segments));
  // One written out (.../tokens/verify) goes before one with an identifier in its place (.../tokens/:token).
  const [first] = alike;
  if (!first) throw noRoute();
  const best = alike.filter(({ template }) => template === first.template);
  const params = identifiers(first.template, segments);
  if (Object.values(params).some((id) => !/^[0-9a-f]{32}$/.test(id ?? ""))) throw invalidIdentifier(path);
  const route = best.find((candidate) => candidate.method === method);
  if (!route) throw methodNotAvailable(method);
  return { route, params };
}

const parts = (template: string): string[] => template.slice(1).split("/");

const fits = (template: string, segments: string[]): boolean =>
  parts(template).length === segments.length &&
  parts(template).every((part, index) => part.startsWith(":") || part === segments[index]);

const identifiers = (template: string, segments: string[]): Call["params"] =>
  Object.fromEntries(
    parts(template).flatMap((part, index) => (part.startsWith(":") ? [[part.slice(1), segments[index]]] : [])),
  );
