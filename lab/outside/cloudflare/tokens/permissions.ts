/** The permission groups of policies, an excerpt of Cloudflare's list with its ids, and what they allow a token. */
import { type Policy, type Resources, resource, type Zone } from "../account";

export interface PermissionGroup {
  id: string;
  name: string;
  description: string;
  scopes: string[];
}

const user = "com.cloudflare.api.user";
const account = "com.cloudflare.api.account";
const zone = "com.cloudflare.api.account.zone";

const group = (name: string, id: string, scope: string, description: string): PermissionGroup => ({
  id,
  name,
  description,
  scopes: [scope],
});

export const permissionGroups: PermissionGroup[] = [
  group("API Tokens Read", "0cc3a61731504c89b99ec1be78b77aa0", user, "Grants read access to user's API Tokens"),
  group("API Tokens Write", "686d18d5ac6c441c867cbf6771e58a0a", user, "Grants write access to user's API Tokens"),
  group("User Details Read", "8acbe5bb0d54464ab867149d7f7cf8ac", user, "Grants read access to user details"),
  group("Account API Tokens Read", "eb56a6953c034b9d97dd838155666f06", account, "Grants read access to account tokens"),
  group(
    "Account API Tokens Write",
    "5bc3f8b21c554832afc660159ab75fa4",
    account,
    "Grants write access to account tokens",
  ),
  group(
    "Account Settings Read",
    "c1fde68c7bcc44588cbb6ddbc16d6480",
    account,
    "Grants read access to Account resources",
  ),
  group("Analytics Read", "9c88f9c5bce24ce7af9a958ba9c504db", zone, "Grants read access to analytics"),
  group("Cache Purge", "e17beae8b8cb423a99b1730f21238bed", zone, "Grants access to purge cache"),
  group("DNS Read", "82e64a83756745bbbb1c9c2701bf816b", zone, "Grants read access to DNS"),
  group("DNS Write", "4755a26eedb94da69e1066d98aa820be", zone, "Grants write access to DNS"),
  group(
    "SSL and Certificates Read",
    "7b7216b327b04b8fbc8f524e1f9b7531",
    zone,
    "Grants read access to SSL configuration",
  ),
  group(
    "SSL and Certificates Write",
    "c03055bc037c4ea9afb9a9f104b7b721",
    zone,
    "Grants write access to SSL configuration",
  ),
  group("Zone Read", "c8fed203ed3043cba015a93ad1616f1f", zone, "Grants read access to zone management"),
  group("Zone Settings Read", "517b21aee92c4d89936c976ba6e4be55", zone, "Grants read access to zone settings"),
  group("Zone Settings Write", "3030687196b94b638145a3953da2b699", zone, "Grants write access to zone settings"),
  group("Zone Write", "e6d2666161e84845a636613608cee8d5", zone, "Grants write access to zone management"),
];

export const groupWithId = (id: string): PermissionGroup | undefined =>
  permissionGroups.find((group) => group.id === id);

export const groupNamed = (name: string): PermissionGroup => {
  const found = permissionGroups.find((group) => group.name === name);
  if (!found) throw new Error(`no permission group is named "${name}"`);
  return found;
};

/** Something a policy can be about. */
export type Target = { zone: Zone } | { account: string } | { user: string };

/** Whether one of the groups is granted on the target. A policy that denies wins over any that allows. */
export const allows = (policies: Policy[], groups: string[], target: Target): boolean => {
  const about = (effect: Policy["effect"], names: string[]) =>
    policies.some(
      (policy) =>
        policy.effect === effect &&
        covers(policy.resources, target) &&
        policy.permission_groups.some((group) => names.includes(group.name)),
    );
  return groups.some((group) => about("allow", [group]) && !about("deny", [group]));
};

export const mayReadZone = (policies: Policy[], zone: Zone) => allows(policies, ["Zone Read", "Zone Write"], { zone });

export const mayReadRecords = (policies: Policy[], zone: Zone) => allows(policies, ["DNS Read", "DNS Write"], { zone });

export const mayWriteRecords = (policies: Policy[], zone: Zone) => allows(policies, ["DNS Write"], { zone });

/** A zone by itself, or named within its account. An account's own `*` means the account and not its zones. */
const covers = (resources: Resources, target: Target): boolean => {
  return Object.entries(resources).some(([name, value]) => {
    if ("user" in target) return name === resource.user(target.user) && value === "*";
    if ("account" in target) return isAccount(name, target.account) && value === "*";
    if (typeof value === "string") return isZone(name, target.zone) && value === "*";
    return isAccount(name, target.zone.account.id) && Object.keys(value).some((inner) => isZone(inner, target.zone));
  });
};

const isAccount = (name: string, id: string) => [resource.account(id), resource.account("*")].includes(name);

const isZone = (name: string, zone: Zone) => [resource.zone(zone.id), resource.zone("*")].includes(name);
