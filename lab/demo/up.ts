/** Runs the demo's `pulumi up` and shows what it waits for. Runs inside the lab. */
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "../tools/process";
import { awaitedChallenge, type Challenge, readChallenges } from "./challenges";
import { Pending } from "./pending";
import { Screen } from "./screen";

const main = async (project: string): Promise<number> => {
  const screen = new Screen();
  const pending = new Pending();
  const color = process.stdout.isTTY ? "always" : "never";
  const command = ["pulumi", "-C", project, "--non-interactive", "up", "-s", "staging", "--yes", "--color", color];
  const { ended, stop } = start(command, {}, (line) => {
    if (pending.hear(line)) screen.line(line);
  });

  // Ctrl-C reaches Pulumi too, and Pulumi ends in order. A second signal would kill it. Its last lines are still shown.
  let interrupted = false;
  process.on("SIGINT", () => {
    interrupted = true;
  });
  process.on("SIGTERM", () => interrupted || stop());

  let challenges: Challenge[] = [];
  const watch = async (): Promise<void> => {
    for (;;) {
      challenges = await readChallenges().catch(() => []); // before cert-manager is installed, the cluster knows no challenges
      await sleep(1_000);
    }
  };
  void watch();
  const { code } = await screen.during(ended, () => awaitedChallenge(challenges, Date.now()) ?? pending.awaited());
  return code ?? 1;
};

main(process.argv[2] ?? "").then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
