/** Durations as the Gateway API writes them: https://gateway-api.sigs.k8s.io/geps/gep-2257/ */

const duration = /^(\d{1,5}(h|ms|m|s)){1,4}$/;

/** What is wrong with a duration. */
export const checkDuration = (value: string): string | undefined =>
  duration.test(value)
    ? undefined
    : `must be a duration such as 30s or 1m30s, got "${value}" (whole numbers of h, m, s and ms; 0s for no limit)`;

/** Milliseconds of a duration. */
export const milliseconds = (value: string): number => {
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  return [...value.matchAll(/(\d+)(h|ms|m|s)/g)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0),
    0,
  );
};

/** What is wrong with a duration that must be between two others. */
export const checkDurationBetween =
  (least: string, most: string) =>
  (value: string): string | undefined =>
    duration.test(value) && milliseconds(value) >= milliseconds(least) && milliseconds(value) <= milliseconds(most)
      ? undefined
      : `must be a duration from ${least} to ${most}, got "${value}" (whole numbers of h, m, s and ms, such as 90s or 1m30s)`;
