/** The fields of a DNS record in a request, and why a record is refused: by itself, or beside the others of its zone. */
import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import type { Zone } from "../account";
import { Refusal } from "../api/envelope";

const Body = z.object({
  name: z.string().min(1).max(255),
  type: z.string(),
  content: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  ttl: z.number().default(1),
  proxied: z.boolean().default(false),
  priority: z.number().optional(),
  private_routing: z.boolean().optional(),
  comment: z.string().nullable().default(null),
  tags: z.array(z.string()).default([]),
  settings: z.record(z.string(), z.unknown()).default({}),
});

export type RecordFields = Omit<z.infer<typeof Body>, "content"> & { content: string };

const refuse = (code: number, message: string): Refusal => new Refusal(400, { code, message });

const proxiable = ["A", "AAAA", "CNAME"];

export const isProxiable = (type: string): boolean => proxiable.includes(type);

const label = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
const hostname = new RegExp(`^(${label}\\.)*${label}\\.?$`, "i");
const recordName = new RegExp(`^(\\*\\.)?(${label}\\.)*${label}$`);

const integer = (value: number | undefined, least: number, most: number): boolean =>
  value !== undefined && Number.isInteger(value) && value >= least && value <= most;

/** What is wrong with the content, by type. */
const contentChecks: Record<string, (fields: RecordFields) => Refusal | undefined> = {
  A: ({ content }) =>
    isIPv4(content) ? undefined : refuse(9005, "Content for A record must be a valid IPv4 address."),
  AAAA: ({ content }) =>
    isIPv6(content) ? undefined : refuse(9006, "Content for AAAA record must be a valid IPv6 address."),
  CNAME: ({ content, name }) => {
    if (!hostname.test(content) || isIPv4(content)) return refuse(9007, "Content for CNAME record is invalid.");
    if (content.toLowerCase() === name) return refuse(9039, "CNAME content cannot reference itself.");
  },
  MX: ({ content, priority }) =>
    hostname.test(content) && integer(priority, 0, 65535)
      ? undefined
      : refuse(9009, "Content for MX record is invalid."),
  NS: ({ content }) => (hostname.test(content) ? undefined : refuse(9008, "Content for NS record is invalid.")),
  TXT: ({ content, type }) => checkGiven(content, type),
  CAA: ({ content, type }) => checkGiven(content, type),
  SRV: ({ content, type }) => checkGiven(content, type),
};

const checkGiven = (content: string, type: string): Refusal | undefined =>
  content.trim() === "" ? refuse(9010, `Content for ${type} record is invalid.`) : undefined;

export const readRecordFields = (body: unknown, zone: Zone): RecordFields => {
  const parsed = Body.safeParse(body);
  if (!parsed.success) {
    const chain = parsed.error.issues.map(({ path, message }) => ({
      code: 9207,
      message: `${path.join(".")}: ${message}`,
    }));
    throw new Refusal(400, { code: 1004, message: "DNS Validation Error", error_chain: chain });
  }
  const { content, data, ...rest } = parsed.data;
  const fields = {
    ...rest,
    name: fullName(rest.name, zone),
    content: content ?? contentOf(data),
    ...(data && { data }),
  };
  const problem = checkName(fields) ?? checkContent(fields) ?? checkProxying(fields) ?? checkTtl(fields);
  if (problem) throw problem;
  return fields;
};

/** A name outside the zone is taken as relative to it, so that no record can leave its zone. */
const fullName = (name: string, zone: Zone): string => {
  const bare = name.toLowerCase().replace(/\.$/, "");
  if (bare === "@" || bare === zone.name) return zone.name;
  return bare.endsWith(`.${zone.name}`) ? bare : `${bare}.${zone.name}`;
};

/** The text form of a record that is given in parts, as CAA and SRV are. */
const contentOf = (data: Record<string, unknown> | undefined): string =>
  [data?.priority, data?.weight, data?.port, data?.target, data?.flags, data?.tag, data?.value && `"${data.value}"`]
    .filter((part) => part !== undefined)
    .join(" ");

const checkName = ({ name }: RecordFields): Refusal | undefined =>
  recordName.test(name) && name.length <= 253 ? undefined : refuse(9000, "DNS name is invalid.");

const checkContent = (fields: RecordFields): Refusal | undefined => {
  const check = contentChecks[fields.type];
  return check ? check(fields) : refuse(9001, "DNS record type is invalid.");
};

const checkProxying = ({ type, proxied, content }: RecordFields): Refusal | undefined => {
  if (!proxied) return undefined;
  if (!isProxiable(type)) return refuse(9004, "This record type cannot be proxied.");
  if (/^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(content))
    return refuse(9003, `Target ${content} is not allowed for a proxied record.`);
};

const checkTtl = ({ ttl, proxied }: RecordFields): Refusal | undefined => {
  if (ttl !== 1 && !integer(ttl, 60, 86400))
    return refuse(9021, "TTL must be between 60 and 86400 seconds, or 1 for Automatic.");
  if (proxied && ttl !== 1) return refuse(9021, "TTL must be 1 (Automatic) when proxied is true.");
};

const details =
  " For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.";

export const checkClash = (fields: RecordFields, others: RecordFields[]): void => {
  const namesakes = others.filter(({ name }) => name === fields.name);
  const same = namesakes.filter(({ type, content }) => type === fields.type && content === fields.content);
  if (same.some((record) => settings(record) === settings(fields)))
    throw refuse(81058, "An identical record already exists.");
  if (same.length > 0) throw refuse(81057, "Record already exists.");

  const has = (...types: string[]) => namesakes.some(({ type }) => types.includes(type));
  if (fields.type === "CNAME" && has("A", "AAAA", "CNAME"))
    throw refuse(81053, `An A, AAAA, or CNAME record with that host already exists.${details}`);
  if (["A", "AAAA"].includes(fields.type) && has("CNAME"))
    throw refuse(81054, `A CNAME record with that host already exists.${details}`);
  if (["A", "AAAA", "CNAME"].includes(fields.type) && has("NS"))
    throw refuse(81056, `NS records with that host already exist.${details}`);
};

const settings = ({ ttl, proxied, priority, comment, tags, data }: RecordFields): string =>
  JSON.stringify([ttl, proxied, priority, comment, tags, data]);
