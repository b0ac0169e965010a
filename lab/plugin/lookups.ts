/** The provider's functions. They look up a zone, DNS records, permission groups and a token, and change nothing. */
import { z } from "zod";
import type { Api } from "./api";
import { fromApi, isProperties, type Properties, present, type Value } from "./value";

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

const textFilter = z
  .strictObject({
    contains: z.string().optional(),
    endswith: z.string().optional(),
    exact: z.string().optional(),
    startswith: z.string().optional(),
  })
  .optional();

export const getDnsRecords: Lookup = {
  inputs: z.strictObject({
    zoneId: z.string(),
    type: z.string().optional(),
    name: textFilter,
    content: textFilter,
    maxItems: z.number().optional(),
  }),
  async answer(api, inputs) {
    const { zoneId, maxItems, type, ...filters } = inputs;
    const query = Object.fromEntries([...(type ? [["type", type]] : []), ...Object.entries(filters).flatMap(dotted)]);
    const found = await api.request("get", `/zones/${zoneId}/dns_records`, { query });
    const records = Array.isArray(found) ? found.slice(0, Number(maxItems ?? 1000)).filter(isProperties) : [];
    const results = records.map(({ meta, ...record }) => fromApi({ ...record, meta: JSON.stringify(meta ?? {}) }));
    return { ...inputs, results };
  },
};

/** A filter as parameters of a query: `name.exact`. */
const dotted = ([name, filter]: [string, Value | undefined]): [string, Value][] =>
  filter !== undefined && isProperties(filter)
    ? present(filter).map(([operator, value]) => [`${name}.${operator}`, value])
    : [];

const tokenInputs = z.strictObject({ tokenId: z.string() });

const token =
  (path: (accountId: unknown) => string): Lookup["answer"] =>
  async (api, inputs) => {
    const found = fromApi(await api.request("get", `${path(inputs.accountId)}/${inputs.tokenId}`));
    return { ...(isProperties(found) ? found : {}), ...inputs };
  };

export const getApiToken: Lookup = { inputs: tokenInputs, answer: token(() => "/user/tokens") };

export const getAccountToken: Lookup = {
  inputs: tokenInputs.extend({ accountId: z.string() }),
  answer: token((accountId) => `/accounts/${accountId}/tokens`),
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
