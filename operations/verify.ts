/** Whether an edge serves, from its controllers to an answer over HTTPS: each thing that was looked at, in a line. */
import { readFile } from "node:fs/promises";
import { type ConnectionArgs, ConnectionError, connect } from "../components/standing/connection";
import { type Check, checksOf } from "./checks";
import { CommandError, exitCodes } from "./exit";
import { mendedMessage } from "./mend";
import { lookFromOutside, type Way } from "./outside";
import { edgesOf } from "./stackState";
import { type Chosen, readEdges } from "./standingEdge";
import { readState, type StackRef } from "./state";

/** What the command is called with. */
export interface VerifyOptions extends StackRef {
  /** The Gateway of an edge that no stack has made, as `namespace/name`. */
  gateway?: string;
  /** The way to its cluster; Pulumi's state tells a stack's. */
  kubeconfig?: string;
  context?: string;
  /** A file of roots that are trusted besides Node's, as PEM. */
  caFile?: string;
  /** Tells the checks as JSON, and nothing else, on standard output. */
  json?: boolean;
}

/** What was found of one edge. */
interface Verified {
  cluster: string;
  gateway: string;
  checks: Check[];
}

/** Returns the exit code. `way` is for whoever looks otherwise than through the public ports. */
export const verify = async (options: VerifyOptions, way: Way = {}): Promise<number> => {
  const say = options.json ? console.error : console.log;
  const clusters = options.gateway
    ? [{ connection: options, chosen: gatewayOf(options.gateway) }]
    : edgesOf(await readState(options, (file) => say(mendedMessage(file)))).flatMap(({ connection, owner }) =>
        owner === undefined ? [] : [{ connection: { ...connection, ...given(options) }, chosen: { owner } }],
      );
  const ca = options.caFile === undefined ? undefined : await readRoots(options.caFile);
  const found = (await Promise.all(clusters.map((each) => look(each, { ...way, ca })))).flat();
  if (found.length === 0)
    throw new CommandError(
      options.gateway
        ? `--gateway must be one that stands in the cluster, got ${options.gateway} (kubectl get gateways -A)`
        : "the stack must hold an edge that stands in a cluster, got none (run pulumi up; an edge that no stack has made is named by --gateway)",
      exitCodes.unseen,
    );
  if (options.json) console.log(JSON.stringify({ edges: found.map(asJson) }, undefined, 2));
  else for (const each of found) tell(each);
  return found.some(({ checks }) => checks.some(({ result }) => result === "failed"))
    ? exitCodes.unfit
    : exitCodes.done;
};

const gatewayOf = (text: string): Chosen => {
  const [, namespace, name] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (!namespace || !name)
    throw new CommandError(
      `--gateway must be namespace/name, got "${text}" (such as envoy-gateway/eg; kubectl get gateways -A)`,
      exitCodes.usage,
    );
  return { namespace, name };
};

const given = ({ kubeconfig, context }: ConnectionArgs): ConnectionArgs => ({
  ...(kubeconfig !== undefined && { kubeconfig }),
  ...(context !== undefined && { context }),
});

const readRoots = async (file: string): Promise<string> => {
  const pem = await readFile(file, "utf8").catch((error: Error) => error);
  if (typeof pem === "string" && pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  const got = typeof pem === "string" ? "no certificate in it" : pem.message;
  throw new CommandError(`--ca-file must be a file of certificates as PEM, got ${file}: ${got}`, exitCodes.usage);
};

const look = async (
  { connection, chosen }: { connection: ConnectionArgs; chosen: Chosen },
  way: Way,
): Promise<Verified[]> => {
  try {
    const cluster = connect(connection);
    const edges = await readEdges(cluster, chosen);
    return await Promise.all(
      edges.map(async (edge) => ({
        cluster: cluster.place,
        gateway: `${edge.gateway.metadata.namespace}/${edge.gateway.metadata.name}`,
        checks: checksOf(edge, await lookFromOutside(edge, way)),
      })),
    );
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    throw new CommandError(error.message, exitCodes.unseen);
  }
};

const asJson = ({ checks, ...edge }: Verified) => ({
  ...edge,
  serves: !checks.some(({ result }) => result === "failed"),
  checks,
});

const marks = { ok: ["✔", 32], warning: ["!", 33], failed: ["✘", 31] } as const;

const tell = ({ cluster, gateway, checks }: Verified): void => {
  console.log(`Gateway ${gateway} in cluster ${cluster}`);
  const widest = Math.max(...checks.map(({ check }) => check.length));
  for (const { check, subject, result, found, next } of checks) {
    console.log(`  ${coloured(...marks[result])} ${check.padEnd(widest)}  ${subject}: ${found}`);
    if (next && result !== "ok") console.log(`    ${" ".repeat(widest)}  ${next}`);
  }
  const failed = checks.filter(({ result }) => result === "failed").length;
  const warned = checks.filter(({ result }) => result === "warning").length;
  const warnings = warned > 0 ? `, ${warned} to know of` : "";
  console.log(
    failed === 0
      ? `It serves: ${checks.length} checks${warnings}.`
      : `${failed} of ${checks.length} checks failed${warnings}.`,
  );
};

const coloured = (text: string, colour: number): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[${colour}m${text}\x1b[0m` : text;
