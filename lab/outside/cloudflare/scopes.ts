/** What a token's policies let it do. */
import { accountId, type Policy, type Resources, type Zone } from "./account";

const account = "com.cloudflare.api.account";
const user = "com.cloudflare.api.user";

/** Something a policy can be about. */
export type Target = { zone: Zone } | { account: string } | { user: string };

/** Whether one of the groups is granted on the target; a policy that denies wins over any that allows. */
export function allows(policies: Policy[], groups: string[], target: Target): boolean {
  const about = (effect: Policy["effect"], names: string[]) =>
    policies.some(
      (policy) =>
        policy.effect === effect &&
        covers(policy.resources, target) &&
        policy.permission_groups.some((group) => names.includes(group.name)),
    );
  return groups.some((group) => about("allow", [group]) && !about("deny", [group]));
}

export const mayReadZone = (policies: Policy[], zone: Zone) => allows(policies, ["Zone Read", "Zone Write"], { zone });

export const mayReadRecords = (policies: Policy[], zone: Zone) => allows(policies, ["DNS Read", "DNS Write"], { zone });

export const mayWriteRecords = (policies: Policy[], zone: Zone) => allows(policies, ["DNS Write"], { zone });

/** A zone by itself, or named within its account; an account's own `*` is about the account, not about its zones. */
function covers(resources: Resources, target: Target): boolean {
  return Object.entries(resources).some(([name, value]) => {
    if ("user" in target) return name === `${user}.${target.user}` && value === "*";
    if ("account" in target) return isAccount(name, target.account) && value === "*";
    if (typeof value === "string") return isZone(name, target.zone) && value === "*";
    return isAccount(name, accountId) && Object.keys(value).some((inner) => isZone(inner, target.zone));
  });
}

const isAccount = (name: string, id: string) => name === `${account}.${id}` || name === `${account}.*`;

const isZone = (name: string, zone: Zone) => name === `${account}.zone.${zone.id}` || name === `${account}.zone.*`;
