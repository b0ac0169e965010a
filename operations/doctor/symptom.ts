/** What a symptom is, in the doctor's tables. */
import type { CheckName } from "../checks";

/** A link of the chain from the controllers and the credential to an answer over HTTPS. */
export type LinkKind = CheckName | "admission" | "clock" | "credential" | "crds" | "zone";

/**
 * `broken`: something does not serve, or cannot be issued, now. `risk`: it serves, and will not for ever, or not to everybody. `note`: it serves as
 * it is set, and most people mean it otherwise.
 */
export type Severity = "broken" | "risk" | "note";

/** Where a symptom shows. */
export interface Sign {
  /** Of the link that has it, as links have it. */
  subject: string;
  /** What was seen, in words. */
  found: string;
  /** The one next command. */
  next: string;
}

/** A row of a table; `F` is what it must know. */
export interface Symptom<F> {
  name: string;
  severity: Severity;
  at: LinkKind;
  /** Each place that has it. */
  signs(facts: F): Sign[];
  /** Why it is so. */
  cause: string;
  /** What to do. */
  cure: string;
  /** The page that says so. */
  source: string;
}
