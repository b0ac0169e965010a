/** Questions by the dozen, a few at a time. */

/** The results of `make`, of which at most so many run at once. */
export const inTurns = async <T, U>(values: T[], most: number, make: (value: T) => Promise<U>): Promise<U[]> => {
  const results: U[] = [];
  for (let from = 0; from < values.length; from += most)
    results.push(...(await Promise.all(values.slice(from, from + most).map(make))));
  return results;
};
