/** The provider's functions. They look up a zone and permission groups, and change nothing. */
import { z } from "zod";
import type { Api } from "./api";
import { fromApi, isProperties, type Properties, present } from "./value";

export interface Lookup {
  inputs: z.ZodType;
  answer(api: Api, inputs: Properties): Promise<Properties>;
}

const filterSchema = z.strictObject({
  account: z.strictObject({ id: z.string().optional(), name: z.string().optional() }).optional(),
  direction: z.string().optional(),
  match: z.string().optional(),
  name: z.string().optional(),
  order: z.string().optional(),
  status: z.string().optional(),
});

export const getZone: Lookup = {
  inputs: z
    .strictObject({ zoneId: z.string().optional(), filter: filterSchema.optional() })
    .refine(
      ({ zoneId, filter }) => !zoneId !== !filter,
      "Exactly one of these attributes must be configured: [zoneId, filter]",
    ),
  async answer(api, { zoneId, filter }) {
    const id = isProperties(filter) ? await findZone(api, filter) : zoneId;
    const zone = fromApi(await api.request("get", `/zones/${id}`));
    return { ...(isProperties(zone) ? zone : {}), id, zoneId: id, filter };
  },
};

const findZone = async (api: Api, filter: Properties) => {
  const { account, ...rest } = filter;
  const ofAccount = isProperties(account) ? present(account).map(([name, value]) => [`account.${name}`, value]) : [];
  const zones = await api.request("get", "/zones", { query: { ...rest, ...Object.fromEntries(ofAccount) } });
  const found = Array.isArray(zones) ? zones.filter(isProperties) : [];
  const [zone] = found;
  if (!zone || found.length > 1) throw new Error(`failed to find exactly one result: ${found.length} found`);
  return zone.id;
};

const groupInputs = z.strictObject({
  name: z.string().optional(),
  scope: z.string().optional(),
  maxItems: z.number().optional(),
});

const groups =
  (path: (accountId: unknown) => string): Lookup["answer"] =>
  async (api, inputs) => {
    const { name, scope, maxItems, accountId } = inputs;
    const query = Object.fromEntries(Object.entries({ name, scope }).filter(([, value]) => value !== undefined));
    const found = fromApi(await api.request("get", path(accountId), { query }));
    return { ...inputs, results: Array.isArray(found) ? found.slice(0, Number(maxItems ?? 1000)) : [] };
  };

export const getApiTokenPermissionGroupsList: Lookup = {
  inputs: groupInputs,
  answer: groups(() => "/user/tokens/permission_groups"),
};

export const getAccountApiTokenPermissionGroupsList: Lookup = {
  inputs: groupInputs.extend({ accountId: z.string() }),
  answer: groups((accountId) => `/accounts/${accountId}/tokens/permission_groups`),
};
