/** Our doctor while it watches: what it found last. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clone, type Running, rootOf, runDirectory, start } from "../../../lab";
import { eventually } from "./eventually";
import type { Stack } from "./stack";

interface Finding {
  symptom: string;
  subject: string;
  found: string;
}

/** Options by which it trusts the staging CA, as no machine does by itself. */
export const trustingStaging = (): string[] => {
  const file = join(runDirectory, "staging-root.pem");
  writeFileSync(file, rootOf("staging"));
  return ["--ca-file", file];
};

/** One watching doctor. */
export class Doctor {
  private readonly running: Running;
  private last: Finding[] | undefined;

  constructor(stack: Stack) {
    const command = stack.operationCommand("doctor", "--watch", "1", "--json", ...trustingStaging());
    this.running = start(command, { cwd: clone }, (line, stream) => {
      if (stream !== "stdout") return;
      const { edges }: { edges: { findings: Finding[] }[] } = JSON.parse(line);
      this.last = edges.flatMap(({ findings }) => findings);
    });
  }

  /** Waits until it finds exactly these: each the beginning of `symptom: subject`. */
  sees(...wanted: string[]): Promise<void> {
    return eventually(wanted.join(", ") || "nothing wrong", async () => {
      const found = (this.last ?? [{ symptom: "not looked yet", subject: "", found: "" }]).map(
        ({ symptom, subject, found: words }) => ({ line: `${symptom}: ${subject}`, words }),
      );
      const isSame = found.length === wanted.length && wanted.every((each, at) => found[at]?.line.startsWith(each));
      assert.ok(isSame, found.map(({ line, words }) => `${line} (${words})`).join("; ") || "nothing found");
    });
  }

  async end(): Promise<void> {
    this.running.stop();
    await this.running.ended;
  }
}
