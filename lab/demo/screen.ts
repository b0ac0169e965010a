/** The demo's output: lines that stay, and what the demo waits for now. */

/** What the demo waits for. */
export interface Awaited {
  what: string;
  /** How long it takes. This changes every second. */
  time?: string;
}

interface Out {
  isTTY?: boolean;
  columns?: number;
  write: (text: string) => unknown;
}

/**
 * On a terminal, what is awaited is one last line, rewritten each second. Elsewhere it is a new line whenever something else is awaited.
 */
export class Screen {
  private awaited = "";

  constructor(private readonly out: Out = process.stdout) {}

  /** Prints a line in place of what is awaited, since the line may mean that it has come. */
  line(text: string): void {
    this.out.write(this.out.isTTY ? `${erase}${text}\n` : `${text}\n`);
  }

  /** Shows what is awaited while some work goes on. */
  async during<T>(work: Promise<T>, awaited: () => Awaited | undefined): Promise<T> {
    const ticking = setInterval(() => this.wait(awaited()), 1_000);
    try {
      return await work;
    } finally {
      clearInterval(ticking);
      this.wait(undefined);
    }
  }

  /** Shows what is awaited now. */
  wait(awaited: Awaited | undefined): void {
    const { what = "", time } = awaited ?? {};
    const text = what && `waiting for ${what}${time ? `: ${time}` : ""}`.replace(/\s+/g, " ");
    if (this.out.isTTY) {
      // A longer line would wrap, and only its last part could be erased.
      this.out.write(erase + (text && dim(text.slice(0, (this.out.columns || 80) - 1))));
    } else if (text && what !== this.awaited) {
      this.out.write(`${text}\n`);
    }
    this.awaited = what;
  }
}

/** What is awaited since `start`. Undefined for the first three seconds. */
export const waitSince = (start: number, what: string, now = Date.now()): Awaited | undefined => {
  const seconds = Math.floor((now - start) / 1_000);
  return seconds < 3 ? undefined : { what, time: `${seconds} s so far` };
};

const erase = "\r\x1b[K";
const dim = (text: string): string => `\x1b[2m${text}\x1b[0m`;
