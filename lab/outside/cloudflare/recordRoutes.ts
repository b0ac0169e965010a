/** `/zones/{zone}/dns_records` and below. */
import { type Zone, zones } from "./account";
import { type Answer, Refusal, succeed, succeedWithPage } from "./envelope";
import { matches } from "./filter";
import { checkClash } from "./recordClash";
import { isProxiable, readRecordFields } from "./recordFields";
import type { DnsRecord } from "./records";
import { authenticationError } from "./refusals";
import type { Call, Route } from "./route";
import { mayReadRecords, mayWriteRecords } from "./scopes";

function zoneFor({ caller, params }: Call, may: typeof mayReadRecords): Zone {
  const zone = zones.find(({ id }) => id === params.zone);
  if (!zone || !may(caller.policies, zone)) throw authenticationError();
  return zone;
}

function existing({ world, params }: Call, zone: Zone): DnsRecord {
  const record = world.records.find(zone, params.record ?? "");
  if (!record) throw new Refusal(404, { code: 81044, message: "Record does not exist." });
  return record;
}

/** What is told of a record: since 2025 without its zone's id and name. */
const describe = ({ zone, ...fields }: DnsRecord) => ({ ...fields, proxiable: isProxiable(fields.type), meta: {} });

function list(call: Call): Answer {
  const found = call.world.records
    .of(zoneFor(call, mayReadRecords))
    .filter(({ name, type, content, comment, proxied }) =>
      matches(call.query, { name, type, content, comment: comment ?? "", proxied: String(proxied) }),
    );
  return succeedWithPage(found.map(describe), call.query, { default: 100, most: 5_000_000 });
}

function create(call: Call): Answer {
  const zone = zoneFor(call, mayWriteRecords);
  const fields = readRecordFields(call.body, zone);
  checkClash(fields, call.world.records.of(zone));
  return succeed(describe(call.world.records.create(zone, fields)));
}

const get = (call: Call): Answer => succeed(describe(existing(call, zoneFor(call, mayReadRecords))));

function change(call: Call, merge: (record: DnsRecord) => unknown): Answer {
  const zone = zoneFor(call, mayWriteRecords);
  const record = existing(call, zone);
  const fields = readRecordFields(merge(record), zone);
  checkClash(
    fields,
    call.world.records.of(zone).filter((other) => other !== record),
  );
  call.world.records.update(record, fields);
  return succeed(describe(record));
}

const overwrite = (call: Call): Answer => change(call, () => call.body);

const edit = (call: Call): Answer => change(call, (record) => Object.assign({}, record, call.body));

function remove(call: Call): Answer {
  const record = existing(call, zoneFor(call, mayWriteRecords));
  call.world.records.delete(record);
  return succeed({ id: record.id });
}

const all = "/zones/:zone/dns_records";
const one = `${all}/:record`;
const refuse = authenticationError;

export const recordRoutes: Route[] = [
  { method: "GET", template: all, handle: list, refuse },
  { method: "POST", template: all, handle: create, refuse },
  { method: "GET", template: one, handle: get, refuse },
  { method: "PUT", template: one, handle: overwrite, refuse },
  { method: "PATCH", template: one, handle: edit, refuse },
  { method: "DELETE", template: one, handle: remove, refuse },
];
