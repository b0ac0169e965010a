/** `pulumi destroy`, and before it all that would hold it: said at once, and done away with where nobody has to decide. */
import { ConnectionError, connect } from "../components/standing/connection";
import { agreed } from "./agreed";
import { goneFindings, leave, leftFindings, lettingChallengesGo, type Site } from "./cloudflare";
import { apply } from "./cures";
import { CommandError, exitCodes } from "./exit";
import { letGo } from "./gone";
import { type Finding, findingsOf } from "./holds";
import { mendedMessage } from "./mend";
import { pulumi, showPulumi } from "./pulumi";
import { readSnapshot } from "./snapshot";
import { type Edge, edgesOf } from "./stackState";
import { readState, type StackRef, stackOption } from "./state";

/** What the command is called with. */
export interface DestroyOptions extends StackRef {
  /** UID of kube-system in the cluster where the edge stands, if the state tells another. */
  uid?: string;
  /** Only tells what holds. */
  previewOnly?: boolean;
  /** Asks nothing. */
  yes?: boolean;
  /** Leaves what the stack has at Cloudflare, which cannot be asked any more. */
  withoutCloudflare?: boolean;
  /** Tells the findings as JSON, and nothing else, on standard output. */
  json?: boolean;
  /** Further options for `pulumi destroy`. */
  flags: string[];
}

/** An edge, what was found of it, and the way to its cluster. */
interface Looked extends Site {
  findings: Finding[];
}

/** Returns the exit code. */
export const destroy = async (options: DestroyOptions): Promise<number> => {
  const say = options.json ? console.error : console.log;
  const state = await readState(options, (file) => say(mendedMessage(file)));
  const looked = await Promise.all(edgesOf(state).map((edge) => look(edge, options)));
  const left = options.withoutCloudflare ? leftFindings(state) : [];
  const { gone, findings: ofGone } = options.withoutCloudflare
    ? { gone: [], findings: [] }
    : await goneFindings(state, options);
  tell(looked, { left, gone: ofGone }, options);

  const findings = looked.flatMap((each) => each.findings);
  if (findings.some(({ effect }) => effect === "stops")) return exitCodes.held;
  if (options.previewOnly) return exitCodes.done;
  const changes = left.length + gone.length > 0 || findings.some(({ cure }) => cure);
  if (changes && !options.yes && !(await agreed("Do that, and go on to pulumi destroy?"))) return exitCodes.cancelled;
  for (const { cluster, findings: found } of looked) {
    for (const { cure } of found) if (cure) await apply(cure, { cluster, stack: stackOption(options) });
  }
  if (left.length > 0) await leave(stackOption(options));
  const stream = options.json ? "stderr" : "stdout";
  if (gone.length > 0) {
    const code = await letGo(gone, options, stream);
    if (code !== 0) return code;
  }
  const yes = options.yes ? ["--yes"] : [];
  const run = () => showPulumi(["destroy", ...stackOption(options), ...yes, ...options.flags], stream);
  return options.withoutCloudflare ? lettingChallengesGo(looked, say, run) : run();
};

const look = async (edge: Edge, options: DestroyOptions): Promise<Looked> => {
  try {
    const cluster = connect(edge.connection);
    const snapshot = await readSnapshot(cluster, edge);
    // The setting decides over the state, which tells of the cluster that the first `up` met.
    const uid = options.uid ?? (snapshot.uid === edge.uid ? edge.uid : ((await settingUid(options)) ?? edge.uid));
    const namespaces = snapshot.namespaces.map(({ name }) => name);
    return { cluster, namespaces, findings: findingsOf(edge, snapshot, uid) };
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const gone = "if the cluster is gone for good, docs/clusters.md tells how to let go of what was in it";
    throw new CommandError(`${error.message}; nothing was changed (${gone})`, exitCodes.unseen);
  }
};

/** The setting `cluster.uid` of the program in this repository; other programs have it in their own way, or not at all. */
const settingUid = async (ref: StackRef): Promise<string | undefined> => {
  const { code, stdout } = await pulumi("config", "get", "--path", "https-edge:cluster.uid", ...stackOption(ref));
  return code === 0 ? stdout.trim() : undefined;
};

const headings = {
  stops: "This holds the destroy; nothing was changed:",
  cured: "This would hold the destroy, and is done away with first:",
  told: "The destroy may have to wait for this:",
  left: "This stays at Cloudflare:",
};

/** What stays at Cloudflare, and what is not there any more. */
type AtCloudflare = Record<"left" | "gone", Finding[]>;

const tell = (looked: Looked[], { left, gone }: AtCloudflare, { json }: DestroyOptions): void => {
  if (json) {
    const told = looked.map(({ cluster, findings }) => ({
      cluster: cluster.place,
      findings: findings.map(({ effect, object, message }) => ({ effect, object, message })),
    }));
    const names = (all: Finding[]) => all.map(({ object }) => object);
    console.log(JSON.stringify({ edges: told, left: names(left), gone: names(gone) }, undefined, 2));
    return;
  }
  if (looked.length === 0) console.log("The stack holds no edge that stands in a cluster.");
  for (const { cluster, findings } of looked) {
    if (findings.length === 0) console.log(`Nothing in cluster ${cluster.place} holds the destroy.`);
    list(findings);
  }
  list([...left, ...gone]);
};

const list = (findings: Finding[]): void => {
  for (const [effect, heading] of Object.entries(headings)) {
    const lines = findings.filter((finding) => finding.effect === effect).map(({ message }) => `  ${message}`);
    if (lines.length > 0) console.log([heading, ...lines].join("\n"));
  }
};
