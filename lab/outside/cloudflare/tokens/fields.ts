/** The fields of a token in a request, and why a token is refused. */
import { z } from "zod";
import {
  accounts,
  newId,
  type Policy,
  type Resources,
  resource,
  type Token,
  type TokenFields,
  userId,
  zones,
} from "../account";
import { Refusal } from "../api/envelope";
import { allows, groupWithId, type PermissionGroup } from "./permissions";

const timestamp = z.iso.datetime({ offset: true });

/** An address, or a range of them. */
const range = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

const Body = z.object({
  name: z.string().min(1).max(120),
  policies: z
    .array(
      z.object({
        id: z.string().optional(),
        effect: z.enum(["allow", "deny"]),
        permission_groups: z.array(z.object({ id: z.string() })).min(1),
        resources: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
      }),
    )
    .min(1),
  status: z.enum(["active", "disabled", "expired"]).optional(),
  condition: z
    .object({ request_ip: z.object({ in: z.array(range).optional(), not_in: z.array(range).optional() }).optional() })
    .optional(),
  not_before: timestamp.optional(),
  expires_on: timestamp.optional(),
});

const refuse = (message: string): Refusal => new Refusal(400, { code: 1001, message });

interface Circumstances {
  creator: Token;
  /** The account that will own the token. A user token has none. */
  account?: string;
  /** The token to update. Undefined when one is created. */
  current?: Token;
}

export const readTokenFields = (body: unknown, circumstances: Circumstances): TokenFields => {
  const parsed = Body.safeParse(body);
  if (!parsed.success)
    throw refuse(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  const policies = parsed.data.policies.map(({ id, effect, permission_groups, resources }): Policy => {
    if (id && !circumstances.current) throw refuse("Reusing existing policies is not supported by token creation");
    const groups = permission_groups.map((group) => knownGroup(group.id));
    for (const group of groups) checkGrant(group, resources, circumstances);
    return {
      id: id ?? newId(),
      effect,
      resources,
      // Cloudflare sorts them, whatever the order in the request. A program with another order sees a change at each refresh.
      permission_groups: groups.map(({ id, name }) => ({ id, name })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
  });
  return { ...parsed.data, policies };
};

const knownGroup = (id: string): PermissionGroup => {
  const group = groupWithId(id);
  if (!group) throw refuse(`Permission group "${id}" does not exist`);
  return group;
};

/**
 * Nobody can grant what they do not own. A token of the account cannot be for another account's zone, nor grant a permission on a zone that it
 * lacks itself.
 */
const checkGrant = (group: PermissionGroup, resources: Resources, { creator, account }: Circumstances): void => {
  const fail = () => refuse(`Failed common permission check against resources. (Permission group: "${group.name}")`);
  if (Object.keys(resources).length === 0) throw refuse("Policy must name at least one resource");
  if (account && group.scopes.includes("com.cloudflare.api.user")) throw fail();
  for (const name of Object.keys(resources)) {
    if (!ours(name) || (account && name.startsWith("com.cloudflare.api.user"))) throw fail();
    const zone = zones.find(({ id }) => name === resource.zone(id));
    if (zone && account && zone.account.id !== account) throw fail();
    if (zone && creator.account && !allows(creator.policies, [group.name], { zone })) throw fail();
  }
};

const ours = (name: string): boolean =>
  [
    resource.user(userId),
    ...["*", ...accounts.map(({ id }) => id)].map(resource.account),
    ...["*", ...zones.map(({ id }) => id)].map(resource.zone),
  ].includes(name);
