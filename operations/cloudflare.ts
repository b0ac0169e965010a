/** What the stack has at Cloudflare, for when Cloudflare cannot be asked to delete it any more. */
import type { Connection } from "../components/standing/connection";
import { finalizers as known } from "./controllers";
import { takeOff } from "./cures";
import { CommandError } from "./exit";
import type { Finding } from "./holds";
import { pulumi, pulumiReading } from "./pulumi";
import { challengesPath } from "./snapshot";
import { atCloudflare, retained, type StackState } from "./stackState";

/** What stays there, a finding each. */
export const leftFindings = (state: StackState): Finding[] =>
  atCloudflare(state).map(({ kind, name }) => ({
    effect: "left",
    object: `${kind} ${name}`,
    message: `${kind} ${name} (delete it there when you can)`,
  }));

/** Marks it in the state as what a destroy leaves in its place. The secrets in the state stay as they are, encrypted. */
export const leave = async (stack: string[]): Promise<void> => {
  const exported = await pulumi("stack", "export", ...stack);
  if (exported.code !== 0) throw new CommandError(exported.stderr.trim(), exported.code);
  const state = JSON.stringify(retained(JSON.parse(exported.stdout) as StackState));
  const { code, stderr } = await pulumiReading(state, "stack", "import", ...stack);
  if (code !== 0) throw new CommandError(`pulumi stack import failed: ${stderr.trim()}`, code);
};

const pause = 1_000;

/**
 * Takes cert-manager's finalizers off the challenges of these namespaces that are being deleted, as long as `during` runs: cert-manager keeps a
 * challenge until its record is deleted, which without Cloudflare is for ever. Not before they are being deleted, as it would put them on again.
 */
export const lettingChallengesGo = async <T>(
  cluster: Connection,
  namespaces: string[],
  say: (line: string) => void,
  during: () => Promise<T>,
): Promise<T> => {
  const letGo = async (): Promise<void> => {
    for (const { name, namespace = "", finalizers = [], deletionTimestamp } of await cluster.list(challengesPath)) {
      const held = finalizers.filter((finalizer) => known[finalizer] === "certManager");
      if (!deletionTimestamp || !namespaces.includes(namespace)) continue;
      for (const finalizer of held) {
        await takeOff(
          cluster,
          challengesPath.replace("/challenges", `/namespaces/${namespace}/challenges/${name}`),
          finalizer,
        );
        say(`Challenge ${namespace}/${name}: finalizer ${finalizer} is taken off, as its record cannot be deleted`);
      }
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    // What cannot be done now can be in a moment; a cluster that is gone holds nothing.
    timer = setTimeout(
      () =>
        void letGo()
          .catch(() => {})
          .finally(() => timer && again()),
      pause,
    );
  };
  again();
  try {
    return await during();
  } finally {
    clearTimeout(timer);
    timer = undefined;
  }
};
