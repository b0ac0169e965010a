/** What `pulumi up` works on, by the lines that it prints without a terminal. */
import { stripVTControlCharacters } from "node:util";
import { type Awaited, waitSince } from "./screen";

/** `+ kubernetes:core/v1:Namespace whoami creating (0s)` begins, and any other line about the same resource ends. */
const row = /^\s*\S+\s+(\S+:\S+:\S+) (\S+) (.*)$/;
const begun = /^\w+ing( \w+)? \(\d+s\)/;

/** Components end with their last resource: nobody waits for them. */
const component = /^(pulumi:pulumi:Stack|https-edge:)/;

/** A dot for every 20 seconds, which says less than the screen does. */
const spinner = /^@ .*\.\.\.$/;

/** The resources that are not done. */
export class Pending {
  private readonly since = new Map<string, number>();

  /** `heard` is when the last line came. */
  constructor(private heard = Date.now()) {}

  /** Takes in one line; returns whether it is worth showing. */
  hear(colored: string, now = Date.now()): boolean {
    this.heard = now;
    const line = stripVTControlCharacters(colored).trimEnd();
    const [, type = "", name = "", status = ""] = row.exec(line) ?? [];
    const resource = `${type} ${name}`;
    if (!begun.test(status)) this.since.delete(resource);
    else if (!component.test(type) && !this.since.has(resource)) this.since.set(resource, now);
    return !spinner.test(line);
  }

  /** The resource that takes longest; Pulumi itself while it says nothing and works on none. */
  awaited(now = Date.now()): Awaited | undefined {
    const [longest = ["Pulumi", this.heard] as const, ...others] = this.since; // a Map keeps the order in which they began
    const awaited = waitSince(longest[1], longest[0], now);
    return awaited && others.length > 0
      ? { ...awaited, time: `${awaited.time}, beside ${others.length} more` }
      : awaited;
  }
}
