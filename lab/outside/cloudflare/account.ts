/** The lab's Cloudflare: two accounts of one user, what exists before the first call, and the types of the API's objects. */
import { randomUUID } from "node:crypto";

export interface Account {
  id: string;
  name: string;
}

export interface Zone {
  id: string;
  name: string;
  account: Account;
}

/** Resources of a policy: the name of a resource with `*`, or the name of an account with its zones. */
export type Resources = Record<string, string | Record<string, string>>;

export interface Policy {
  id: string;
  effect: "allow" | "deny";
  permission_groups: { id: string; name: string }[];
  resources: Resources;
}

/** Addresses from which a token is taken. */
export interface Condition {
  request_ip?: { in?: string[]; not_in?: string[] };
}

/** Fields of a token that a request may set. */
export interface TokenFields {
  name: string;
  policies: Policy[];
  status?: "active" | "disabled" | "expired";
  condition?: Condition;
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

const lab: Account = { id: "ac000000000000000000000000000001", name: "Lab" };
const annex: Account = { id: "ac000000000000000000000000000002", name: "Annex" };
export const accounts = [lab, annex];

/** The account of most zones. */
export const accountId = lab.id;

/** The owner of the user tokens, a member of both accounts. */
export const userId = "0e000000000000000000000000000001";

export const zones: Zone[] = [
  { id: "20e00000000000000000000000000001", name: "example.com", account: lab },
  { id: "20e00000000000000000000000000002", name: "example.org", account: lab },
  { id: "20e00000000000000000000000000003", name: "example.net", account: annex },
];

/** Name servers of every zone. */
export const nameServers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"];

/** Values of the user tokens at the start. They have 40 characters, as before Cloudflare gave tokens a prefix. */
export const tokens = {
  deploy: "lab-deploy-token-opens-nothing-elsewhere",
  dnsOnly: "lab-dnsOnly-token-opens-nothing-anywhere",
  readOnly: "lab-readOnly-token-opens-nothing-outside",
  otherZone: "lab-otherZone-token-opens-nothing-at-all",
};

export type TokenName = keyof typeof tokens;

/** Names of resources in policies. `*` instead of an id means all. */
export const resource = {
  user: (id: string) => `com.cloudflare.api.user.${id}`,
  account: (id: string) => `com.cloudflare.api.account.${id}`,
  zone: (id: string) => `com.cloudflare.api.account.zone.${id}`,
};

export const newId = (): string => randomUUID().replaceAll("-", "");
