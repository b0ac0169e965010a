/** Our doctor while it watches: what it found last. */
import assert from "node:assert/strict";
import { clone, type Running, start } from "../../../lab";
import { eventually } from "./eventually";

interface Finding {
  symptom: string;
  subject: string;
  found: string;
}

/** One watching doctor. */
export class Doctor {
  private readonly running: Running;
  private last: Finding[] | undefined;

  constructor(command: string[]) {
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
