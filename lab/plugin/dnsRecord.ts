/** cloudflare:index/dnsRecord:DnsRecord */
import { z } from "zod";
import type { Resource } from "./resource";
import { covers, fromApi, type Properties, toApi } from "./value";

const types =
  "A AAAA CAA CERT CNAME DNSKEY DS HTTPS LOC MX NAPTR NS OPENPGPKEY PTR SMIMEA SRV SSHFP SVCB TLSA TXT URI".split(" ");

const inputs = z.strictObject({
  zoneId: z.string(),
  name: z.string(),
  type: z.string().refine((type) => types.includes(type.toUpperCase()), `value must be one of: ${types.join(", ")}`),
  ttl: z.number(),
  content: z.string().optional(),
  comment: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  priority: z.number().min(0).max(65535).optional(),
  privateRouting: z.boolean().optional(),
  proxied: z.boolean().optional(),
  settings: z
    .strictObject({
      flattenCname: z.boolean().optional(),
      ipv4Only: z.boolean().optional(),
      ipv6Only: z.boolean().optional(),
    })
    .optional(),
  tags: z.array(z.string()).optional(),
});

const stable = ["commentModifiedOn", "createdOn", "meta", "proxiable", "settings", "tags", "tagsModifiedOn"];
const computed = [...stable, "modifiedOn"];
const names = [...Object.keys(inputs.shape), ...computed];

export const dnsRecord: Resource = {
  inputs,
  defaults: { proxied: false },
  computed,
  stable,
  secrets: [],
  replaceOn: ["zoneId", "type"],
  importId: ["zoneId", "id"],
  collection: ({ zoneId }) => `/zones/${zoneId}/dns_records`,
  request(inputs, state) {
    if (inputs.proxied === true && inputs.ttl !== 1 && !state) {
      throw new Error(
        "ttl must be set to 1 when `proxied` is true: When a DNS record is marked as `proxied` the TTL must be 1 " +
          "as Cloudflare will control the TTL internally.",
      );
    }
    // An update replaces the whole record, so it must repeat what the API filled in.
    const kept: Properties = state ? { settings: state.settings ?? {}, tags: state.tags ?? [] } : {};
    return toApi({ ...kept, ...this.defaults, ...inputs, zoneId: undefined });
  },
  state(result, { zoneId }) {
    const { meta, ...record } = result;
    const answered = Object.entries(fromApi(record) ?? {}).filter(([name]) => names.includes(name));
    return { ...Object.fromEntries(answered), zoneId, meta: JSON.stringify(meta ?? {}) };
  },
  gone: () => false,
  same(name, given, state) {
    const had = state[name];
    if (typeof given !== "string" || typeof had !== "string") return covers(given, had);
    // The API answers with the full name when the zone was left out.
    if (name === "name") return given === had || given === "@" || had.startsWith(`${given.replace(/\.$/, "")}.`);
    if (name === "content" && state.type === "CNAME") return given.toLowerCase() === had.toLowerCase();
    return given === had;
  },
};
