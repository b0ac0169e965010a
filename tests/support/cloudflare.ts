/** An account at Cloudflare, as far as the edge asks for it. */

/** Ids of the zones that the account has. */
export const zones: Record<string, string> = {
  "example.com": "1".repeat(32),
  "example.org": "2".repeat(32),
};

const zone = ["com.cloudflare.api.account.zone"];
/** More groups than are wanted, and one of the same name in another scope. */
const groups = [
  { id: "cc", name: "Zone Read", scopes: zone },
  { id: "aa", name: "DNS Write", scopes: zone },
  { id: "bb", name: "DNS Read", scopes: zone },
  { id: "dd", name: "DNS Write", scopes: ["com.cloudflare.api.account"] },
];

/** What the account answers to a function call. */
export const cloudflareAnswers = (token: string, inputs: Record<string, unknown>): object => {
  switch (token) {
    case "cloudflare:index/getZone:getZone": {
      const { name = "" } = inputs.filter as { name?: string };
      if (!zones[name]) throw new Error("0 zones found");
      return { id: zones[name], zoneId: zones[name] };
    }
    case permissionGroups.account:
    case permissionGroups.user:
      return { results: groups };
    default:
      throw new Error(`${token} is unknown`);
  }
};

/** Function calls that list what a token may be allowed. */
export const permissionGroups = {
  account: "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList",
  user: "cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList",
};
