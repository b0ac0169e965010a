/** `/zones`, `/zones/{zone}`, and `/zones/{zone}/dns_records` and below. */
import { Hono } from "hono";
import { nameServers, type Token, type Zone, zones } from "../account";
import { type Call, type Env, id, methods, queryOf } from "../api/call";
import { authenticationError, type Envelope, Refusal, success, unauthorized } from "../api/envelope";
import { matches, pageOf } from "../api/lists";
import { mayReadRecords, mayReadZone, mayWriteRecords } from "../tokens/permissions";
import { checkClash, isProxiable, readRecordFields } from "./fields";
import type { DnsRecord } from "./records";

const since = "2026-01-01T00:00:00.000000Z";

const describeZone = ({ account, ...zone }: Zone, { policies }: Token) => ({
  ...zone,
  status: "active",
  paused: false,
  type: "full",
  development_mode: 0,
  name_servers: nameServers,
  original_name_servers: ["ns1.registrar.example", "ns2.registrar.example"],
  original_registrar: null,
  original_dnshost: null,
  modified_on: since,
  created_on: since,
  activated_on: since,
  meta: { step: 2, custom_certificate_quota: 0, page_rule_quota: 3, phishing_detected: false },
  owner: { ...account, type: "organization" },
  account,
  permissions: [
    "#zone:read",
    ...(mayReadRecords(policies, { ...zone, account }) ? ["#dns_records:read"] : []),
    ...(mayWriteRecords(policies, { ...zone, account }) ? ["#dns_records:edit"] : []),
  ],
  plan: {
    id: "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
    name: "Free Website",
    price: 0,
    currency: "USD",
    frequency: "",
    is_subscribed: false,
    can_subscribe: false,
    legacy_id: "free",
    legacy_discount: false,
    externally_managed: false,
  },
});

/** The zone in the path, if the caller has the permission. A zone that does not exist is refused in the same way. */
const zoneOf = ({ req, var: { caller } }: Call, may: typeof mayReadZone, refuse: () => Refusal): Zone => {
  const zone = zones.find(({ id }) => id === req.param("zone"));
  if (!zone || !may(caller.policies, zone)) throw refuse();
  return zone;
};

/** The list leaves out zones that the token may not read. */
const listZones = (call: Call): Envelope => {
  const { caller } = call.var;
  const query = queryOf(call);
  const found = zones
    .filter((zone) => mayReadZone(caller.policies, zone))
    .map((zone) => describeZone(zone, caller))
    .filter(({ name, status, account }) =>
      matches(query, { name, status, "account.id": account.id, "account.name": account.name }),
    );
  return pageOf(found, query, { default: 20, most: 50 });
};

const getZone = (call: Call): Envelope =>
  success(describeZone(zoneOf(call, mayReadZone, unauthorized), call.var.caller));

const readable = (call: Call): Zone => zoneOf(call, mayReadRecords, authenticationError);

const writable = (call: Call): Zone => zoneOf(call, mayWriteRecords, authenticationError);

const existing = ({ req, var: { world } }: Call, zone: Zone): DnsRecord => {
  const record = world.records.find(zone, req.param("record") ?? "");
  if (!record) throw new Refusal(404, { code: 81044, message: "Record does not exist." });
  return record;
};

/** A record as answers have it. Since 2025 that is without the id and name of its zone. */
const describe = ({ zone, ...fields }: DnsRecord) => ({ ...fields, proxiable: isProxiable(fields.type), meta: {} });

const list = (call: Call): Envelope => {
  const query = queryOf(call);
  const found = call.var.world.records
    .of(readable(call))
    .filter(({ name, type, content, comment, proxied }) =>
      matches(query, { name, type, content, comment: comment ?? "", proxied: String(proxied) }),
    );
  return pageOf(found.map(describe), query, { default: 100, most: 5_000_000 });
};

const create = (call: Call): Envelope => {
  const { records } = call.var.world;
  const zone = writable(call);
  const fields = readRecordFields(call.var.body, zone);
  checkClash(fields, records.of(zone));
  return success(describe(records.create(zone, fields)));
};

const get = (call: Call): Envelope => success(describe(existing(call, readable(call))));

const change = (call: Call, merge: (record: DnsRecord) => unknown): Envelope => {
  const { records } = call.var.world;
  const zone = writable(call);
  const record = existing(call, zone);
  const fields = readRecordFields(merge(record), zone);
  const others = records.of(zone).filter((other) => other !== record);
  checkClash(fields, others);
  records.update(record, fields);
  return success(describe(record));
};

const overwrite = (call: Call): Envelope => change(call, () => call.var.body);

const edit = (call: Call): Envelope => change(call, (record) => Object.assign({}, record, call.var.body));

const remove = (call: Call): Envelope => {
  const record = existing(call, writable(call));
  call.var.world.records.delete(record);
  return success({ id: record.id });
};

const records = `/${id("zone")}/dns_records`;
const refuse = authenticationError;

export const zoneRoutes = new Hono<Env>()
  .all("/", methods({ GET: listZones }))
  .all(`/${id("zone")}`, methods({ GET: getZone }))
  .all(records, methods({ GET: list, POST: create }, { refuse }))
  .all(`${records}/${id("record")}`, methods({ GET: get, PUT: overwrite, PATCH: edit, DELETE: remove }, { refuse }));
