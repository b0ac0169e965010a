/**
 * The rate limits of Let's Encrypt's production environment: https://letsencrypt.org/docs/rate-limits/. Registrations are not counted,
 * because that limit is on an IP address and the whole lab has one.
 */

/** A new order. */
export interface Order {
  account: string;
  names: string[];
  /** The certificate that it renews, from a client with ARI. No limit applies to such an order. */
  replaces?: string;
}

/** Why an order is refused, in Let's Encrypt's words, and for how many seconds. */
export interface Refusal {
  detail: string;
  retryAfter: number;
}

interface Limit {
  count: number;
  hours: number;
  what: (most: number, subject: string) => string;
  anchor: string;
}

const limits = {
  orders: {
    count: 300,
    hours: 3,
    what: (most) => `too many new orders (${most}) from this account`,
    anchor: "new-orders-per-account",
  },
  domain: {
    count: 50,
    hours: 168,
    what: (most, subject) => `too many certificates (${most}) already issued for "${subject}"`,
    anchor: "new-certificates-per-registered-domain",
  },
  names: {
    count: 5,
    hours: 168,
    what: (most) => `too many certificates (${most}) already issued for this exact set of identifiers`,
    anchor: "new-certificates-per-exact-set-of-identifiers",
  },
  failures: {
    count: 5,
    hours: 1,
    what: (most, subject) => `too many failed authorizations (${most}) for "${subject}"`,
    anchor: "authorization-failures-per-identifier-per-account",
  },
} satisfies Record<string, Limit>;

const hour = 3_600_000;

/** What a limit counts. The key identifies it, and messages name the subject. */
interface Count {
  limit: Limit;
  subject: string;
  key: string;
}

const count = (which: keyof typeof limits, subject: string, key = subject): Count => ({
  limit: limits[which],
  subject,
  key: `${which} ${key}`,
});

/** Counts against the limits. Each limit refills evenly: after a share of its window it allows one more. */
export class RateLimits {
  /** When each count will be as if never used, in ms. */
  private readonly untouched = new Map<string, number>();
  private readonly issuedSets = new Set<string>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Why an order must wait, or undefined when it may go on. */
  refusal(order: Order): Refusal | undefined {
    if (order.replaces) return undefined;
    const { account, names } = order;
    const counts = [
      ...(this.isRenewal(names) ? [] : [count("orders", account), ...ofDomains(names)]),
      count("names", exactSet(names)),
      ...names.map((name) => ofFailures(account, name)),
    ];
    return counts.map((each) => this.exhausted(each)).find((refusal) => refusal !== undefined);
  }

  /** Counts an order that was made. */
  ordered({ account, names, replaces }: Order): void {
    if (!replaces && !this.isRenewal(names)) this.spend(count("orders", account));
  }

  /** Counts a certificate that was issued. */
  issued(names: string[]): void {
    const counts = [...(this.isRenewal(names) ? [] : ofDomains(names)), count("names", exactSet(names))];
    for (const each of counts) this.spend(each);
    this.issuedSets.add(exactSet(names));
  }

  /** Counts an authorization that became invalid. */
  failed(account: string, name: string): void {
    this.spend(ofFailures(account, name));
  }

  /** Whether the same names have had a certificate before. */
  private isRenewal(names: string[]): boolean {
    return this.issuedSets.has(exactSet(names));
  }

  private spend(each: Count): void {
    this.untouched.set(each.key, this.untouchedAfter(each));
  }

  /** When the count would be as if never used, if one more were spent now. */
  private untouchedAfter({ limit, key }: Count): number {
    return Math.max(this.now(), this.untouched.get(key) ?? 0) + (limit.hours * hour) / limit.count;
  }

  private exhausted(each: Count): Refusal | undefined {
    const { count: most, hours, what, anchor } = each.limit;
    const allowed = this.untouchedAfter(each) - hours * hour;
    const now = this.now();
    if (allowed <= now) return undefined;
    const from = Math.ceil(allowed / 1000) * 1000;
    const time = new Date(from).toISOString().replace("T", " ").replace(".000Z", " UTC");
    const detail = `${what(most, each.subject)} in the last ${hours}h0m0s, retry after ${time}: see https://letsencrypt.org/docs/rate-limits/#${anchor}`;
    return { detail, retryAfter: Math.ceil((from - now) / 1000) };
  }
}

const exactSet = (names: string[]): string => [...new Set(names)].sort().join(" ");

/** The lab's zones lie directly below a public suffix of one label. */
const ofDomains = (names: string[]): Count[] =>
  [...new Set(names.map((name) => name.split(".").slice(-2).join(".")))].map((domain) => count("domain", domain));

/** A wildcard is validated at the name below the `*`. */
const ofFailures = (account: string, name: string): Count => {
  const bare = name.replace(/^\*\./, "");
  return count("failures", bare, `${account} ${bare}`);
};
