/** One of our own commands, called as a function. */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { CommandError } from "../../operations/exit";

/** The exit code, and what was said on standard output. */
export const saying = async (work: () => Promise<number>): Promise<{ code: number; said: string }> => {
  const log = mock.method(console, "log", () => {});
  const error = mock.method(console, "error", () => {});
  try {
    const code = await work();
    return { code, said: log.mock.calls.map(({ arguments: [line] }) => String(line)).join("\n") };
  } finally {
    log.mock.restore();
    error.mock.restore();
  }
};

/** It must fail as a command does: with a code, and a line that says why. */
export const fails = (work: Promise<unknown>, code: number, message: RegExp): Promise<void> =>
  assert.rejects(work, (error) => {
    assert.ok(error instanceof CommandError, String(error));
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
