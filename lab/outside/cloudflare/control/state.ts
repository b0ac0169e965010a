/** The fake's state for tests and for the page, without any token's value. */
import { accounts, type Resources, zones } from "../account";
import type { World } from "../world";

export const stateOf = ({ records, tokens, faults }: World) => ({
  accounts,
  zones,
  records: records.all().map(({ zone, ...fields }) => ({ ...fields, zone: zone.name })),
  tokens: tokens.all().map((token) => ({
    ...token,
    kind: token.account ? "account" : "user",
    status: tokens.status(token),
    inWords: token.policies.map(
      ({ effect, permission_groups, resources }) =>
        `${effect === "allow" ? "may" : "must not"}: ${permission_groups.map(({ name }) => name).join(", ")} on ${resourcesInWords(resources)}`,
    ),
  })),
  faults: faults.all(),
});

const resourcesInWords = (resources: Resources): string =>
  Object.entries(resources)
    .map(([name, value]) =>
      typeof value === "string" ? inWords(name) : `${Object.keys(value).map(inWords).join(", ")} of ${inWords(name)}`,
    )
    .join(", ");

const inWords = (resource: string): string => {
  if (resource.endsWith(".zone.*")) return "all zones";
  if (resource.startsWith("com.cloudflare.api.user")) return "the user";
  const zone = zones.find(({ id }) => resource.endsWith(id));
  const account = accounts.find(({ id }) => resource.endsWith(id));
  return zone?.name ?? (account ? `the account ${account.name}` : "the accounts");
};
