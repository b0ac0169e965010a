/** cloudflare:index/apiToken:ApiToken, a token of the user, and cloudflare:index/accountToken:AccountToken, of an account. */
import { z } from "zod";
import { covers } from "./covers";
import { fromPolicies, toPolicies } from "./policies";
import type { Resource } from "./resource";
import { fromApi, toApi } from "./spelling";
import { isProperties } from "./value";

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
    // In the order of the alphabet: the inputs in the API's spelling with a place for the policies among them.
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
