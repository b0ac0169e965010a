/** The look-ups of permission groups: those for tokens of the user, and those for tokens of an account. */
import { z } from "zod";
import type { Lookup } from "./lookup";
import { fromApi } from "./spelling";

const inputs = z.strictObject({
  name: z.string().optional(),
  scope: z.string().optional(),
  maxItems: z.number().optional(),
});

const groups = (path: (accountId: unknown) => string): Lookup["answer"] =>
  async function answer(api, inputs) {
    const { name, scope, maxItems, accountId } = inputs;
    const query = Object.fromEntries(Object.entries({ name, scope }).filter(([, value]) => value !== undefined));
    const found = fromApi(await api.request("get", path(accountId), { query }));
    return { ...inputs, results: Array.isArray(found) ? found.slice(0, Number(maxItems ?? 1000)) : [] };
  };

export const getApiTokenPermissionGroupsList: Lookup = {
  inputs,
  answer: groups(() => "/user/tokens/permission_groups"),
};

export const getAccountApiTokenPermissionGroupsList: Lookup = {
  inputs: inputs.extend({ accountId: z.string() }),
  answer: groups((accountId) => `/accounts/${accountId}/tokens/permission_groups`),
};
