/** How a result is shown to people. */
import type { Check } from "./checks";

/** A mark for each. */
export const marks: Record<Check["result"], string> = { ok: "✔", warning: "!", failed: "✘" };

const colours: Record<Check["result"], number> = { ok: 32, warning: 33, failed: 31 };

/** A text in a result's colour, on a terminal alone. */
export const coloured = (result: Check["result"], text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[${colours[result]}m${text}\x1b[0m` : text;
