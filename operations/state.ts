/** A stack's state, read by Pulumi's command line; what a killed Pulumi left in its way is mended first. */
import { isUnreadable, mendCheckpoint } from "./checkpoint";
import { CommandError } from "./exit";
import type { Ended } from "./process";
import { pulumi } from "./pulumi";
import type { StackState } from "./stackState";

/** A stack, by the name that `--stack` was given. */
export interface StackRef {
  stack?: string;
}

/** Pulumi's option that names the stack; without it Pulumi takes the selected one. */
export const stackOption = ({ stack }: StackRef): string[] => (stack ? ["--stack", stack] : []);

/** Reads the state. Each file that was deleted for it is told. */
export const readState = async (ref: StackRef, mended: (file: string) => void): Promise<StackState> => {
  const read = (): Promise<Ended> => pulumi("stack", "export", ...stackOption(ref), "--show-secrets");
  let { code, stdout, stderr } = await read();
  if (code !== 0 && isUnreadable(stderr)) {
    const files = await mendCheckpoint(ref.stack);
    files.forEach(mended);
    if (files.length > 0) ({ code, stdout, stderr } = await read());
  }
  if (code !== 0) throw new CommandError(stderr.trim().replace(/^error: /, ""), code);
  return JSON.parse(stdout) as StackState;
};
