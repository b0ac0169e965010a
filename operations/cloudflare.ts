/** What the stack has at Cloudflare, for when Cloudflare cannot be asked to delete it any more, or has not got it. */
import { setInterval } from "node:timers/promises";
import type { Connection } from "../components/standing/connection";
import { readConfig } from "./config";
import { finalizers as controllerOf } from "./controllers";
import { takeOff } from "./cures";
import { CommandError } from "./exit";
import { goneOf, type Placed } from "./gone";
import type { Finding } from "./holds";
import { deployingToken, mintingToken } from "./intended";
import { pulumi, pulumiReading } from "./pulumi";
import { challengesPath, pathOf } from "./snapshot";
import { atCloudflare, retained, type StackState } from "./stackState";
import type { StackRef } from "./state";

/** What stays there, a finding each. */
export const leftFindings = (state: StackState): Finding[] =>
  atCloudflare(state).map(({ kind, name }) => ({
    effect: "left",
    object: `${kind} ${name}`,
    message: `${kind} ${name} (delete it there when you can)`,
  }));

/** What is not there any more, a finding each, and the resources themselves. */
export const goneFindings = async (
  state: StackState,
  ref: StackRef,
): Promise<{ gone: Placed[]; findings: Finding[] }> => {
  const all = atCloudflare(state);
  if (all.length === 0) return { gone: [], findings: [] };
  const config = await readConfig(ref, "--show-secrets");
  const isRecord = ({ kind }: { kind: string }) => kind === "DnsRecord";
  const [records, tokens] = await Promise.all([
    goneOf(all.filter(isRecord), deployingToken(config)),
    goneOf(
      all.filter((each) => !isRecord(each)),
      mintingToken(config),
    ),
  ]);
  const gone = [...records, ...tokens];
  const findings = gone.map(({ kind, name }): Finding => {
    const object = `${kind} ${name}`;
    return { effect: "cured", object, message: `${object}: the stack lets go of it, as it is gone at Cloudflare` };
  });
  return { gone, findings };
};

/** Marks it in the state as what a destroy leaves in its place. The secrets in the state stay as they are, encrypted. */
export const leave = async (stack: string[]): Promise<void> => {
  const exported = await pulumi("stack", "export", ...stack);
  if (exported.code !== 0) throw new CommandError(exported.stderr.trim(), exported.code);
  const state = JSON.stringify(retained(JSON.parse(exported.stdout) as StackState));
  const { code, stderr } = await pulumiReading(state, "stack", "import", ...stack);
  if (code !== 0) throw new CommandError(`pulumi stack import failed: ${stderr.trim()}`, code);
};

const pause = 1_000;

/** An edge's cluster, and the edge's namespaces in it. */
export interface Site {
  cluster: Connection;
  namespaces: string[];
}

/**
 * Takes cert-manager's finalizers off the edges' challenges that are being deleted, as long as `during` runs: cert-manager keeps a challenge
 * until its record is deleted, which without Cloudflare is for ever. Not before they are being deleted, as it would put them on again.
 */
export const lettingChallengesGo = async <T>(
  sites: Site[],
  say: (line: string) => void,
  during: () => Promise<T>,
): Promise<T> => {
  const ended = new AbortController();
  const watch = async (): Promise<void> => {
    // What cannot be done now can be in a moment; a cluster that is gone holds nothing.
    for await (const _ of setInterval(pause, undefined, { signal: ended.signal }))
      for (const site of sites) await letGo(site, say).catch(() => {});
  };
  const watching = watch().catch(() => {}); // it ends by being aborted
  try {
    return await during();
  } finally {
    ended.abort();
    await watching;
  }
};

const letGo = async ({ cluster, namespaces }: Site, say: (line: string) => void): Promise<void> => {
  for (const challenge of await cluster.list(challengesPath)) {
    const { name, namespace = "", finalizers = [], deletionTimestamp } = challenge;
    if (!deletionTimestamp || !namespaces.includes(namespace)) continue;
    for (const finalizer of finalizers.filter((each) => controllerOf[each] === "certManager")) {
      await takeOff(cluster, pathOf(challengesPath, challenge), finalizer);
      say(`Challenge ${namespace}/${name}: finalizer ${finalizer} is taken off, as its record cannot be deleted`);
    }
  }
};
