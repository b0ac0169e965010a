/** cloudflare:index/apiToken:ApiToken, a token of the user, and cloudflare:index/accountToken:AccountToken, of an account. */
import { z } from "zod";
import type { Resource } from "./resource";
import { covers, fromApi, isProperties, type Properties, toApi, type Value } from "./value";

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const inputs = z.strictObject({
  name: z.string(),
  policies: z.array(
    z.strictObject({
      effect: z.enum(["allow", "deny"]),
      permissionGroups: z.array(z.strictObject({ id: z.string() })),
      resources: z.string().refine(isJson, "String must be a valid JSON"),
    }),
  ),
  condition: z
    .strictObject({
      requestIp: z
        .strictObject({ ins: z.array(z.string()).optional(), notIns: z.array(z.string()).optional() })
        .optional(),
    })
    .optional(),
  expiresOn: z.string().optional(),
  notBefore: z.string().optional(),
  status: z.enum(["active", "disabled", "expired"]).optional(),
});

const computed = ["policies", "status", "issuedOn", "lastUsedOn", "modifiedOn", "value"];
const names = [...Object.keys(inputs.shape), ...computed];

const token: Omit<Resource, "collection"> = {
  inputs,
  defaults: {},
  computed,
  stable: [],
  secrets: ["value"],
  replaceOn: [],
  importId: ["id"],
  request({ policies, ...inputs }) {
    // The null marks the place of the policies among the sorted names.
    const body = toApi({ ...inputs, accountId: undefined, policies: null });
    return isProperties(body) ? { ...body, policies: toPolicies(policies) } : body;
  },
  state(result, { accountId, value, policies: before }) {
    const { policies, ...rest } = result;
    const answered = Object.entries(fromApi(rest) ?? {}).filter(([name]) => names.includes(name));
    // The API tells the value once, when it makes the token.
    return { value, ...Object.fromEntries(answered), accountId, policies: fromPolicies(policies, before) };
  },
  gone: ({ status }) => status === "expired" || status === "revoked (exposed)",
  same: (name, given, state) => covers(given, state[name]),
};

export const apiToken: Resource = { ...token, collection: () => "/user/tokens" };

export const accountToken: Resource = {
  ...token,
  inputs: inputs.extend({ accountId: z.string() }),
  replaceOn: ["accountId"],
  importId: ["accountId", "id"],
  collection: ({ accountId }) => `/accounts/${accountId}/tokens`,
};

const list = (value: Value | undefined): Properties[] => (Array.isArray(value) ? value.filter(isProperties) : []);

/** A policy's `resources` are JSON text in Pulumi and an object in the API. */
const toPolicies = (policies: Value | undefined): Value =>
  list(policies).map(({ resources, ...policy }) => ({
    ...fields(toApi(policy)),
    resources: JSON.parse(String(resources)),
  }));

/** Policies as programs write them, in their previous order, because the order of the API's answer is not reliable. */
const fromPolicies = (answered: Value | undefined, before: Value | undefined): Value => {
  const policies = list(answered).map(
    (policy): Policy => ({
      effect: String(policy.effect),
      permissionGroups: list(policy.permission_groups).map(({ id }) => ({ id: String(id) })),
      resources: JSON.stringify(policy.resources),
    }),
  );
  const known = list(before);
  for (const policy of policies) {
    const groups = known.filter((other) => isLike(policy, other)).flatMap((other) => ids(other));
    policy.permissionGroups.sort(inOrderOf(groups, ({ id }) => id));
  }
  const order = known.map(identity);
  return policies.sort(inOrderOf(order, identity)).map((policy) => ({ ...policy }));
};

interface Policy extends Properties {
  effect: string;
  permissionGroups: { id: string }[];
  resources: string;
}

const fields = (value: Value): Properties => (isProperties(value) ? value : {});

const ids = (policy: Properties): string[] => list(policy.permissionGroups).map(({ id }) => String(id));

/** A policy regardless of the order of its groups. */
const identity = (policy: Properties): string => [policy.effect, policy.resources, ...ids(policy).sort()].join("|");

const isLike = (a: Properties, b: Properties): boolean => identity(a) === identity(b);

/** Known items come first, in their known order. The others follow in alphabetical order. */
const inOrderOf =
  <Item>(known: string[], key: (item: Item) => string) =>
  (a: Item, b: Item): number => {
    const place = (item: Item) => (known.includes(key(item)) ? known.indexOf(key(item)) : known.length);
    return place(a) - place(b) || (key(a) < key(b) ? -1 : 1);
  };
