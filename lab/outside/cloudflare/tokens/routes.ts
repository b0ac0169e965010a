/** `/user/tokens` and `/accounts/{account}/tokens`: the same calls for the tokens of a user and of an account. */
import { Hono } from "hono";
import { accounts, type Token, userId } from "../account";
import { type Call, type Env, id, methods, queryOf } from "../api/call";
import { type Envelope, invalidApiToken, Refusal, success, unauthorized } from "../api/envelope";
import { pageOf } from "../api/lists";
import { readTokenFields } from "./fields";
import { allows, permissionGroups, type Target } from "./permissions";
import type { Tokens } from "./tokens";

/** The owner's account, or undefined for the user. Refuses a caller without the permission. */
const owner = ({ req, var: { caller } }: Call, access: "Read" | "Write"): string | undefined => {
  const account = req.param("account");
  const kind = account ? "Account API Tokens" : "API Tokens";
  const target: Target = account ? { account } : { user: userId };
  const groups = access === "Read" ? [`${kind} Read`, `${kind} Write`] : [`${kind} Write`];
  if (!allows(caller.policies, groups, target)) throw unauthorized();
  if (account && !accounts.some(({ id }) => id === account)) throw unauthorized();
  return account;
};

const existing = ({ req, var: { world } }: Call, account: string | undefined): Token => {
  const token = world.tokens.find(req.param("token") ?? "", account);
  if (!token) throw new Refusal(404, { code: 1001, message: "Token not found" });
  return token;
};

/** A token as answers have it: with the fields that were given, and never with its value. */
const describe = (tokens: Tokens, token: Token): Record<string, unknown> => {
  const { account, disabled, ...fields } = token;
  return { ...fields, status: tokens.status(token) };
};

const list = (call: Call): Envelope => {
  const { tokens } = call.var.world;
  const found = tokens.ownedBy(owner(call, "Read")).map((token) => describe(tokens, token));
  return pageOf(found, queryOf(call), { default: 20, most: 50 });
};

const create = (call: Call): Envelope => {
  const { caller, body, world } = call.var;
  const account = owner(call, "Write");
  const { token, value } = world.tokens.create(readTokenFields(body, { creator: caller, account }), account);
  return success({ ...describe(world.tokens, token), value });
};

const get = (call: Call): Envelope => success(describe(call.var.world.tokens, existing(call, owner(call, "Read"))));

const update = (call: Call): Envelope => {
  const { caller, body, world } = call.var;
  const account = owner(call, "Write");
  const token = existing(call, account);
  world.tokens.update(token, readTokenFields(body, { creator: caller, account, current: token }));
  return success(describe(world.tokens, token));
};

const roll = (call: Call): Envelope => success(call.var.world.tokens.roll(existing(call, owner(call, "Write"))));

const remove = (call: Call): Envelope => {
  const token = existing(call, owner(call, "Write"));
  call.var.world.tokens.delete(token);
  return success({ id: token.id });
};

/** Each form of the call knows only its own kind of token. It also answers for a token that is disabled or has expired. */
const verify = ({ req, var: { caller, world } }: Call): Envelope => {
  if (caller.account !== req.param("account")) throw invalidApiToken();
  const { id, not_before, expires_on } = caller;
  const status = world.tokens.status(caller);
  const message = status === "active" ? "This API Token is valid and active" : `This API Token is ${status}`;
  return success({ id, status, not_before, expires_on }, { code: 10000, message, type: null });
};

const listPermissionGroups = (call: Call): Envelope => {
  owner(call, "Read");
  const query = queryOf(call);
  const [name, scope] = [query.get("name"), query.get("scope")];
  const found = permissionGroups.filter(
    (group) => (name === null || group.name === name) && (scope === null || group.scopes.includes(scope)),
  );
  return pageOf(found, query, { default: 1000, most: 1000 });
};

/** Fixed paths stand before those with an identifier in the same place. */
const below = (base: string) =>
  new Hono<Env>()
    .basePath(base)
    .all("/verify", methods({ GET: verify }, { verifies: true, refuse: invalidApiToken }))
    .all("/permission_groups", methods({ GET: listPermissionGroups }))
    .all("/", methods({ GET: list, POST: create }))
    .all(`/${id("token")}`, methods({ GET: get, PUT: update, DELETE: remove }))
    .all(`/${id("token")}/value`, methods({ PUT: roll }));

export const userTokenRoutes = below("/user/tokens");
export const accountTokenRoutes = below(`/accounts/${id("account")}/tokens`);
