/** The one Cloudflare account of the lab: what exists before anybody has called the API, and what the API is about. */
import { randomUUID } from "node:crypto";

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

/** What a request may say of a token. */
export interface TokenFields {
  name: string;
  policies: Policy[];
  status?: "active" | "disabled" | "expired";
  condition?: unknown;
  not_before?: string;
  expires_on?: string;
}

export interface Token extends Omit<TokenFields, "status"> {
  id: string;
  /** The account that owns it; a user token has none. */
  account?: string;
  disabled: boolean;
  issued_on: string;
  modified_on: string;
  last_used_on?: string;
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

/** Of every zone of the account. */
export const nameServers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"];

/** Values of the user tokens at start: 40 characters, as the ones had before Cloudflare gave tokens a prefix. */
export const tokens = {
  deploy: "lab-deploy-token-opens-nothing-elsewhere",
  dnsOnly: "lab-dnsOnly-token-opens-nothing-anywhere",
  readOnly: "lab-readOnly-token-opens-nothing-outside",
  otherZone: "lab-otherZone-token-opens-nothing-at-all",
};

export type TokenName = keyof typeof tokens;

/** Names of resources, as policies have them; `*` in place of an id stands for all. */
export const resource = {
  user: (id: string) => `com.cloudflare.api.user.${id}`,
  account: (id: string) => `com.cloudflare.api.account.${id}`,
  zone: (id: string) => `com.cloudflare.api.account.zone.${id}`,
};

export const newId = (): string => randomUUID().replaceAll("-", "");
