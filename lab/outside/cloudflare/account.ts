/** The one Cloudflare account of the lab: what exists before anybody has called the API. */
import { groupNamed } from "./permissionGroups";

export interface Zone {
  id: string;
  name: string;
}

/** What a policy is about: a resource's name to `*`, or an account's name to the zones in it. */
export type Resources = Record<string, string | Record<string, string>>;

export interface Policy {
  id: string;
  effect: "allow" | "deny";
  permission_groups: { id: string; name: string }[];
  resources: Resources;
}

export const accountId = "ac000000000000000000000000000001";
export const accountName = "Lab";

/** The person to whom user tokens belong. */
export const userId = "0e000000000000000000000000000001";

export const zones: Zone[] = [
  { id: "20e00000000000000000000000000001", name: "example.com" },
  { id: "20e00000000000000000000000000002", name: "example.org" },
  { id: "20e00000000000000000000000000003", name: "example.net" },
];

/** Values of the user tokens at start: 40 characters, as the ones had before Cloudflare gave tokens a prefix. */
export const tokens = {
  deploy: "lab-deploy-token-opens-nothing-elsewhere",
  dnsOnly: "lab-dnsOnly-token-opens-nothing-anywhere",
  readOnly: "lab-readOnly-token-opens-nothing-outside",
  otherZone: "lab-otherZone-token-opens-nothing-at-all",
};

export type TokenName = keyof typeof tokens;

const policy = (id: string, names: string[], resources: Resources): Policy => ({
  id: id.padStart(32, "0"),
  effect: "allow",
  permission_groups: names.map(groupNamed).map(({ id, name }) => ({ id, name })),
  resources,
});

const everyZone = { [`com.cloudflare.api.account.${accountId}`]: { "com.cloudflare.api.account.zone.*": "*" } };

const zoneNamed = (name: string): Resources => ({
  [`com.cloudflare.api.account.zone.${zones.find((zone) => zone.name === name)?.id}`]: "*",
});

export const policies: Record<TokenName, Policy[]> = {
  deploy: [
    policy("d1", ["Zone Read", "DNS Write"], everyZone),
    policy("d2", ["API Tokens Write"], { [`com.cloudflare.api.user.${userId}`]: "*" }),
    policy("d3", ["Account API Tokens Write"], { [`com.cloudflare.api.account.${accountId}`]: "*" }),
  ],
  dnsOnly: [policy("d4", ["Zone Read", "DNS Write"], zoneNamed("example.com"))],
  readOnly: [policy("d5", ["Zone Read", "DNS Read"], zoneNamed("example.com"))],
  otherZone: [policy("d6", ["Zone Read", "DNS Write"], zoneNamed("example.org"))],
};

/** Name servers of every zone. */
export const nameServers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"];

/** What a request may say of a token. */
export interface TokenFields {
  name: string;
  policies: Policy[];
  status?: "active" | "disabled" | "expired";
  condition?: unknown;
  not_before?: string;
  expires_on?: string;
}

/** A token as it is kept, without its value. */
export interface Token {
  id: string;
  /** The account that owns it; a user token has none. */
  account?: string;
  name: string;
  policies: Policy[];
  disabled: boolean;
  condition?: unknown;
  not_before?: string;
  expires_on?: string;
  issued_on: string;
  modified_on: string;
  last_used_on?: string;
}
