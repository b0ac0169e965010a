/** Reports progress, with the seconds since the start. */

const start = Date.now();
const onTerminal = process.stdout.isTTY;

const dim = (text: string): string => (onTerminal ? `\x1b[2m${text}\x1b[0m` : text);

/** Prints a step that has begun or is done. */
export const say = (what: string): void => {
  console.log(`${dim(`${((Date.now() - start) / 1_000).toFixed(1).padStart(6)} s`)} ${what}`);
};
