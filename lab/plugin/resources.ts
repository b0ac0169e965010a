/** Every type of resource and every function that the plugin stands in for, by the tokens of @pulumi/cloudflare. */
import { dnsRecord } from "./dnsRecord";
import type { Lookup } from "./lookup";
import { getAccountApiTokenPermissionGroupsList, getApiTokenPermissionGroupsList } from "./permissionGroups";
import type { Resource } from "./resource";
import { accountToken, apiToken } from "./token";
import { getZone } from "./zone";

const resources = new Map<string, Resource>([
  ["cloudflare:index/dnsRecord:DnsRecord", dnsRecord],
  ["cloudflare:index/apiToken:ApiToken", apiToken],
  ["cloudflare:index/accountToken:AccountToken", accountToken],
]);

const lookups = new Map<string, Lookup>([
  ["cloudflare:index/getZone:getZone", getZone],
  ["cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList", getApiTokenPermissionGroupsList],
  [
    "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList",
    getAccountApiTokenPermissionGroupsList,
  ],
]);

/** A URN is urn:pulumi:stack::project::parents'$type::name. */
export function resourceOf(urn: string): Resource {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  return known(resources, type, "resource type");
}

export const lookupOf = (token: string): Lookup => known(lookups, token, "function");

function known<Item>(items: Map<string, Item>, token: string, kind: string): Item {
  const item = items.get(token);
  if (!item) {
    throw new Error(
      `${kind} ${token} is not one that the lab's stand-in for the Cloudflare plugin knows: ${[...items.keys()].join(", ")}`,
    );
  }
  return item;
}
