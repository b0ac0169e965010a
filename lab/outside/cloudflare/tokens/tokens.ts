/** The API tokens of the user and of the account. Only hashes of their values are kept, so that no log or page can show one. */
import { createHash, randomBytes } from "node:crypto";
import { BlockList, isIPv6 } from "node:net";
import { crc32 } from "node:zlib";
import {
  accounts,
  newId,
  type Policy,
  type Resources,
  resource,
  type Token,
  type TokenFields,
  type TokenName,
  userId,
  tokens as valuesAtStart,
  zones,
} from "../account";
import { groupNamed } from "./permissions";

const policy = (id: string, names: string[], resources: Resources): Policy => ({
  id: id.padStart(32, "0"),
  effect: "allow",
  permission_groups: names.map(groupNamed).map(({ id, name }) => ({ id, name })),
  resources,
});

const everyZone = Object.fromEntries(accounts.map(({ id }) => [resource.account(id), { [resource.zone("*")]: "*" }]));

const zoneNamed = (name: string): Resources => ({
  [resource.zone(zones.find((zone) => zone.name === name)?.id ?? "")]: "*",
});

const policies: Record<TokenName, Policy[]> = {
  deploy: [
    policy("d1", ["Zone Read", "DNS Write"], everyZone),
    policy("d2", ["API Tokens Write"], { [resource.user(userId)]: "*" }),
    policy(
      "d3",
      ["Account API Tokens Write"],
      Object.fromEntries(accounts.map(({ id }) => [resource.account(id), "*"])),
    ),
  ],
  dnsOnly: [policy("d4", ["Zone Read", "DNS Write"], zoneNamed("example.com"))],
  readOnly: [policy("d5", ["Zone Read", "DNS Read"], zoneNamed("example.com"))],
  otherZone: [policy("d6", ["Zone Read", "DNS Write"], zoneNamed("example.org"))],
};

export class Tokens {
  private readonly tokens = new Map<string, Token>();
  /** The owners by the hash of their value. A deleted token stays here, so that the log can name it. */
  private readonly owners = new Map<string, Token>();

  constructor(private readonly now: () => number) {
    for (const [index, name] of (Object.keys(valuesAtStart) as TokenName[]).entries()) {
      // `as`: Object.keys knows nothing of an object's type.
      const token = this.add({ name, policies: policies[name] }, `${index + 1}`.padStart(32, "0"));
      this.owners.set(hash(valuesAtStart[name]), token);
    }
  }

  /** The token of a value, even after it was deleted or has expired. */
  ownerOf(value: string): Token | undefined {
    return this.owners.get(hash(value));
  }

  /** Whether it works now. Each request checks this. */
  works(token: Token): boolean {
    return this.tokens.has(token.id) && this.status(token) === "active" && time(token.not_before, 0) <= this.now();
  }

  /** Whether it is taken from an address. */
  takenFrom = ({ condition }: Token, address: string): boolean => {
    const { in: from, not_in: notFrom } = condition?.request_ip ?? {};
    return (!from || lists(from, address)) && !(notFrom && lists(notFrom, address));
  };

  exists = (token: Token): boolean => this.tokens.has(token.id);

  status(token: Token): "active" | "disabled" | "expired" {
    if (time(token.expires_on, Number.POSITIVE_INFINITY) <= this.now()) return "expired";
    return token.disabled ? "disabled" : "active";
  }

  all = (): Token[] => [...this.tokens.values()];

  /** The tokens of the account, or of the user when no account is given. */
  ownedBy = (account: string | undefined): Token[] => this.all().filter((token) => token.account === account);

  find = (id: string, account: string | undefined): Token | undefined =>
    this.ownedBy(account).find((token) => token.id === id);

  create(fields: TokenFields, account?: string): { token: Token; value: string } {
    const token = this.add(fields, newId(), account);
    return { token, value: this.roll(token) };
  }

  update(token: Token, fields: TokenFields): void {
    const { status, ...given } = fields;
    const kept = { condition: undefined, not_before: undefined, expires_on: undefined };
    Object.assign(token, kept, given, { modified_on: this.timestamp() });
    if (status) token.disabled = status === "disabled";
  }

  /** Gives the token a new value. The old one stops working. */
  roll(token: Token): string {
    for (const [key, owner] of this.owners) if (owner === token) this.owners.delete(key);
    const value = newValue(token.account ? "cfat_" : "cfut_");
    this.owners.set(hash(value), token);
    return value;
  }

  delete(token: Token): void {
    this.tokens.delete(token.id);
  }

  noteUse(token: Token): void {
    token.last_used_on = this.timestamp();
  }

  private add({ status, ...given }: TokenFields, id: string, account?: string): Token {
    const at = this.timestamp();
    const token = { ...given, id, account, disabled: status === "disabled", issued_on: at, modified_on: at };
    this.tokens.set(id, token);
    return token;
  }

  private timestamp = (): string => new Date(this.now()).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Whether one of the ranges has the address. */
const lists = (ranges: string[], address: string): boolean => {
  const list = new BlockList();
  for (const range of ranges) {
    const [first = "", length] = range.split("/");
    const family = isIPv6(first) ? "ipv6" : "ipv4";
    list.addSubnet(first, Number(length ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
};

const hash = (value: string): string => createHash("sha256").update(value).digest("hex");

const time = (text: string | undefined, otherwise: number): number => (text ? Date.parse(text) : otherwise);

/** A prefix for the kind, 40 characters and a checksum, as in Cloudflare's tokens since 2026. */
const newValue = (prefix: string): string => {
  const body = randomBytes(20).toString("hex");
  return prefix + body + crc32(body).toString(16).padStart(8, "0");
};
