/** HTTP Strict Transport Security: https://www.rfc-editor.org/rfc/rfc6797 */

/** What browsers are told. */
export interface Hsts {
  maxAge: string;
  includeSubDomains?: boolean;
  preload?: boolean;
}

const units = { second: 1, minute: 60, hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000, year: 31_536_000 };

/** Mozilla's `hsts_min_age`: https://ssl-config.mozilla.org/guidelines/6.0.json */
const longest = { inWords: "2 years", seconds: 2 * units.year };

/** Seconds of a time in words, such as `5 minutes`; undefined when it is none. */
const secondsOf = (words: string): number | undefined => {
  const [, count, unit = ""] = /^(\d{1,9}) ([a-z]+?)s?$/.exec(words) ?? [];
  const each = Object.entries(units).find(([name]) => name === unit)?.[1];
  return each && Number(count) * each;
};

/** What is wrong with the time for which browsers remember. */
export const checkMaxAge = (words: string): string | undefined => {
  const seconds = secondsOf(words);
  const rule = `must be a time in words, from 0 seconds to ${longest.inWords}`;
  if (seconds === undefined)
    return `${rule}, got "${words}" (such as "5 minutes", "1 day", "3 months": a whole number and one of ${Object.keys(units).join(", ")})`;
  return seconds > longest.seconds
    ? `${rule}, got "${words}" (a browser that has seen it insists on HTTPS for so long)`
    : undefined;
};

/** What is wrong with the parts together: https://hstspreload.org/#submission-requirements */
export const checkPreload = ({ maxAge, includeSubDomains, preload }: Hsts): string | undefined =>
  preload && !(includeSubDomains && secondsOf(maxAge) === longest.seconds)
    ? `must come with maxAge "${longest.inWords}" and includeSubDomains, got ${JSON.stringify(maxAge)} and ${includeSubDomains ?? false} (browsers' lists are left only in months: raise both first, and live with them for a while)`
    : undefined;

/** The value of the header. */
export const hstsHeader = ({ maxAge, includeSubDomains, preload }: Hsts): string =>
  [
    `max-age=${secondsOf(maxAge)}`,
    ...(includeSubDomains ? ["includeSubDomains"] : []),
    ...(preload ? ["preload"] : []),
  ].join("; ");
