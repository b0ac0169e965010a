/** cloudflare:index/getZone:getZone */
import { z } from "zod";
import type { Lookup } from "./lookup";
import { fromApi } from "./spelling";
import { isProperties, type Properties, present } from "./value";

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

async function findZone(api: Parameters<Lookup["answer"]>[0], filter: Properties) {
  const { account, ...rest } = filter;
  const ofAccount = isProperties(account) ? present(account).map(([name, value]) => [`account.${name}`, value]) : [];
  const zones = await api.request("get", "/zones", { query: { ...rest, ...Object.fromEntries(ofAccount) } });
  const found = Array.isArray(zones) ? zones.filter(isProperties) : [];
  const [zone] = found;
  if (!zone || found.length > 1) throw new Error(`failed to find exactly one result: ${found.length} found`);
  return zone.id;
}
