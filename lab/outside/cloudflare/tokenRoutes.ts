/** `/user/tokens` and `/accounts/{account}/tokens`: the same calls for the tokens of a user and of an account. */

import type { Token } from "./account";
import { accountId, userId } from "./account";
import { type Answer, Refusal, succeed, succeedWithPage } from "./envelope";
import { permissionGroups } from "./permissionGroups";
import { invalidApiToken, unauthorized } from "./refusals";
import type { Call, Route } from "./route";
import { allows, type Target } from "./scopes";
import { readTokenFields } from "./tokenFields";
import type { Tokens } from "./tokens";

/** The owner's account, or undefined for the user; refuses a caller who has no permission there. */
function owner({ caller, params }: Call, access: "Read" | "Write"): string | undefined {
  const account = params.account;
  const kind = account ? "Account API Tokens" : "API Tokens";
  const target: Target = account ? { account } : { user: userId };
  const groups = access === "Read" ? [`${kind} Read`, `${kind} Write`] : [`${kind} Write`];
  if (!allows(caller.policies, groups, target)) throw unauthorized();
  if (account && account !== accountId) throw unauthorized();
  return account;
}

function existing(call: Call, account: string | undefined): Token {
  const token = call.world.tokens.find(call.params.token ?? "", account);
  if (!token) throw new Refusal(404, { code: 1001, message: "Token not found" });
  return token;
}

/** What is told of a token: the fields that were given, and never its value. */
function describe(tokens: Tokens, token: Token): Record<string, unknown> {
  const { account, disabled, ...fields } = token;
  return { ...fields, status: tokens.status(token) };
}

function list(call: Call): Answer {
  const found = call.world.tokens.ownedBy(owner(call, "Read")).map((token) => describe(call.world.tokens, token));
  return succeedWithPage(found, call.query, { default: 20, most: 50 });
}

function create(call: Call): Answer {
  const account = owner(call, "Write");
  const fields = readTokenFields(call.body, { creator: call.caller, account });
  const { token, value } = call.world.tokens.create(fields, account);
  return succeed({ ...describe(call.world.tokens, token), value });
}

const get = (call: Call): Answer => succeed(describe(call.world.tokens, existing(call, owner(call, "Read"))));

function update(call: Call): Answer {
  const account = owner(call, "Write");
  const token = existing(call, account);
  call.world.tokens.update(token, readTokenFields(call.body, { creator: call.caller, account, current: token }));
  return succeed(describe(call.world.tokens, token));
}

const roll = (call: Call): Answer => succeed(call.world.tokens.roll(existing(call, owner(call, "Write"))));

function remove(call: Call): Answer {
  const token = existing(call, owner(call, "Write"));
  call.world.tokens.delete(token);
  return succeed({ id: token.id });
}

/** Each form knows its own kind of token only, and tells of one that is disabled or has expired. */
function verify({ world, caller, params }: Call): Answer {
  if (caller.account !== params.account) throw invalidApiToken();
  const { id, not_before, expires_on } = caller;
  const status = world.tokens.status(caller);
  const message = status === "active" ? "This API Token is valid and active" : `This API Token is ${status}`;
  return succeed({ id, status, not_before, expires_on }, { code: 10000, message, type: null });
}

function listPermissionGroups(call: Call): Answer {
  owner(call, "Read");
  const [name, scope] = [call.query.get("name"), call.query.get("scope")];
  const found = permissionGroups.filter(
    (group) => (name === null || group.name === name) && (scope === null || group.scopes.includes(scope)),
  );
  return succeedWithPage(found, call.query, { default: 1000, most: 1000 });
}

const below = (base: string): Route[] => [
  { method: "GET", template: `${base}/verify`, handle: verify, verifies: true, refuse: invalidApiToken },
  { method: "GET", template: `${base}/permission_groups`, handle: listPermissionGroups },
  { method: "GET", template: base, handle: list },
  { method: "POST", template: base, handle: create },
  { method: "GET", template: `${base}/:token`, handle: get },
  { method: "PUT", template: `${base}/:token`, handle: update },
  { method: "DELETE", template: `${base}/:token`, handle: remove },
  { method: "PUT", template: `${base}/:token/value`, handle: roll },
];

export const tokenRoutes: Route[] = [...below("/user/tokens"), ...below("/accounts/:account/tokens")];
