/** A question to whoever sits at the terminal. */
import { createInterface } from "node:readline/promises";
import { CommandError, exitCodes } from "./exit";

/** Whether the answer is yes. Errors: a `CommandError` where nobody is there to be asked. */
export const agreed = async (question: string): Promise<boolean> => {
  if (!process.stdin.isTTY) throw new CommandError("--yes must be given where nobody can be asked", exitCodes.usage);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${question} (yes/no) `)).trim() === "yes";
  } finally {
    terminal.close();
  }
};
