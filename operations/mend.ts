/** Makes a stack readable again that a killed Pulumi has left unreadable. */
import { exitCodes } from "./exit";
import { readState, type StackRef } from "./state";

/** Says what it did, and returns the exit code. */
export const mend = async (ref: StackRef): Promise<number> => {
  let count = 0;
  await readState(ref, (file) => {
    count += 1;
    console.log(mendedMessage(file));
  });
  if (count === 0) console.log("The stack can be read: there is nothing to mend.");
  return exitCodes.done;
};

/** What is said of a file that was deleted. */
export const mendedMessage = (file: string): string =>
  `Deleted the empty ${file}, which a killed Pulumi left; the stack's own file is whole.`;
