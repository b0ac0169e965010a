/** `/zones` and `/zones/{zone}`. */

import type { Token } from "./account";
import { accountId, accountName, nameServers, type Zone, zones } from "./account";
import { type Answer, succeed, succeedWithPage } from "./envelope";
import { matches } from "./filter";
import { unauthorized } from "./refusals";
import type { Call, Route } from "./route";
import { mayReadRecords, mayReadZone, mayWriteRecords } from "./scopes";

const since = "2026-01-01T00:00:00.000000Z";

const describe = ({ id, name }: Zone, { policies }: Token) => ({
  id,
  name,
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
  owner: { id: accountId, type: "organization", name: accountName },
  account: { id: accountId, name: accountName },
  permissions: [
    "#zone:read",
    ...(mayReadRecords(policies, { id, name }) ? ["#dns_records:read"] : []),
    ...(mayWriteRecords(policies, { id, name }) ? ["#dns_records:edit"] : []),
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

/** A zone that the token may not read is simply not in the list. */
function list({ caller, query }: Call): Answer {
  const found = zones
    .filter((zone) => mayReadZone(caller.policies, zone))
    .map((zone) => describe(zone, caller))
    .filter((zone) =>
      matches(query, {
        name: zone.name,
        status: zone.status,
        "account.id": zone.account.id,
        "account.name": zone.account.name,
      }),
    );
  return succeedWithPage(found, query, { default: 20, most: 50 });
}

function get({ caller, params }: Call): Answer {
  const zone = zones.find(({ id }) => id === params.zone);
  if (!zone || !mayReadZone(caller.policies, zone)) throw unauthorized();
  return succeed(describe(zone, caller));
}

export const zoneRoutes: Route[] = [
  { method: "GET", template: "/zones", handle: list },
  { method: "GET", template: "/zones/:zone", handle: get },
];
