/** Prints what an edge costs as its domains grow. Each `up` adds to the same edge; each domain is issued a certificate of its own. */
import { measure } from "./measure";
import { freshLab, freshStack, storedState, tsx } from "./stack";

const steps = [1, 5, 20, 60];
const upAlone = ["up", "--yes", "--skip-preview"];

/** The first domain is the stack file's own. */
const settings = (count: number): string[] =>
  Array.from({ length: count - 1 }, (_, index) => index + 1).flatMap((index) => [
    ...["--plaintext", `https-edge:domains[${index}].name=d${index}.example.com`],
    ...["--plaintext", `https-edge:domains[${index}].zone=example.com`],
  ]);

const columns = ["domains", "up that adds", "preview", "up, no change", "state MB", "proxy MiB"];
const row = (cells: string[]): void => console.log(cells.map((cell) => cell.padStart(14)).join(""));

/** Grows an edge in a fresh lab. Seconds, but for the last two columns. */
export const growth = async (): Promise<void> => {
  await freshLab();
  const { pulumi } = await freshStack();
  row(columns);
  for (const count of steps) {
    if (count > 1) await pulumi("config", "set-all", "--path", ...settings(count));
    const added = await pulumi(...upAlone);
    const preview = await pulumi("preview", "--expect-no-changes");
    const again = await pulumi(...upAlone);
    const memory = Number((await measure(tsx("bench/proxyMemory.ts"))).stdout);
    const seconds = [added, preview, again].map((cost) => cost.seconds.toFixed(1));
    row([`${count}`, ...seconds, (storedState() / 1e6).toFixed(2), memory.toFixed(1)]);
  }
};
