/** What restricts a created token at Cloudflare, and what is wrong with it. */
import { checkCidr } from "./cidrs";

/** A day, or a moment to the second, as Cloudflare has them. */
const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$/;

/** A day's beginning, or a moment, in UTC: https://developers.cloudflare.com/fundamentals/api/how-to/restrict-tokens/ */
export const momentOf = (date: string): string => (date.includes("T") ? date : `${date}T00:00:00Z`);

/** What is wrong with the end of a token; `now` in milliseconds as Date has them. */
export const checkExpiry = (date: string, now: number): string | undefined => {
  const at = form.test(date) ? Date.parse(momentOf(date)) : Number.NaN;
  if (Number.isNaN(at))
    return `must be a date such as 2027-11-01, got "${date}" (or a moment such as 2027-11-01T12:00:00Z)`;
  return at > now
    ? undefined
    : `must be in the future, got "${date}" (the token has expired by then: set a later date, which replaces it)`;
};

/** What is wrong with a range of addresses that a token is taken from, or not. */
export const checkRange = (range: string): string | undefined =>
  /\/0$/.test(range) ? `must leave addresses out, got "${range}" (every address there is)` : checkCidr(range);

const day = 86_400_000;

/**
 * The period of so many days, counted from 1970, in which `now` is; milliseconds as Date has them. It needs no memory of the last rotation: two
 * runs of one period agree, whatever has been lost in between.
 */
export const periodOf = (days: number, now: number): string => String(Math.floor(now / (days * day)));
