/** How commands end. Pulumi's own codes are 0 to 10 and 255: https://www.pulumi.com/docs/iac/cli/exit-codes/ */
export const exitCodes = {
  done: 0,
  /** Anything that has no code of its own, as Pulumi's. */
  failed: 1,
  /** The command was called wrongly, as Pulumi's. */
  usage: 2,
  /** The answer was no, as Pulumi's. */
  cancelled: 8,
  /** Something holds the destroy; nothing was changed. */
  held: 20,
  /** There is no edge to look at, or no way to its cluster; nothing was changed. */
  unseen: 21,
  /** The edge does not serve as it should. */
  unfit: 22,
  /** It serves, and will not for ever, or not to everybody. */
  risky: 23,
};

/** An error whose message tells people all they need, in a line. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly code: number,
  ) {
    super(message);
  }
}
