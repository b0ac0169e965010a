/** What `pulumi up` works on, read from the lines that it prints without a terminal. */
import { stripVTControlCharacters } from "node:util";
import { type Awaited, waitSince } from "./screen";

/** A row such as `+ kubernetes:core/v1:Namespace whoami creating (0s)` begins a resource. Any other row ends it. */
const row = /^\s*\S+\s+(\S+:\S+:\S+) (\S+) (.*)$/;
const begun = /^\w+ing( \w+)? \(\d+s\)/;

/** A component ends with its last resource, so nobody waits for it. */
const component = /^(pulumi:pulumi:Stack|https-edge:)/;

/** Pulumi prints a dot every 20 seconds. The screen says more. */
const spinner = /^@ .*\.\.\.$/;

/** The resources that are not done. */
export class Pending {
  private readonly since = new Map<string, number>();

  /** `heard` is when the last line came. */
  constructor(private heard = Date.now()) {}

  /** Reads one line, and returns whether to show it. */
  hear(colored: string, now = Date.now()): boolean {
    this.heard = now;
    const line = stripVTControlCharacters(colored).trimEnd();
    const [, type = "", name = "", status = ""] = row.exec(line) ?? [];
    const resource = `${type} ${name}`;
    if (!begun.test(status)) this.since.delete(resource);
    else if (!component.test(type) && !this.since.has(resource)) this.since.set(resource, now);
    return !spinner.test(line);
  }

  /** The resource that has taken longest, or Pulumi itself while it works on none and prints nothing. */
  awaited(now = Date.now()): Awaited | undefined {
    const [longest = ["Pulumi", this.heard] as const, ...others] = this.since; // a Map keeps the order in which they began
    const awaited = waitSince(longest[1], longest[0], now);
    return awaited && others.length > 0
      ? { ...awaited, time: `${awaited.time}, beside ${others.length} more` }
      : awaited;
  }
}
