/** Whether an edge serves, from its controllers to an answer over HTTPS: each thing that was looked at, in a line. */
import { type Check, checksOf } from "./checks";
import { type ChosenOptions, chosenEdges } from "./chosen";
import { exitCodes } from "./exit";
import { coloured, marks } from "./marks";
import { lookFromOutside, type Way } from "./outside";
import { readRoots } from "./roots";

/** What the command is called with. */
export interface VerifyOptions extends ChosenOptions {
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
  const ca = options.caFile === undefined ? undefined : await readRoots(options.caFile);
  const edges = await chosenEdges(options, say);
  const found = await Promise.all(
    edges.map(async ({ cluster, edge }) => ({
      cluster: cluster.place,
      gateway: `${edge.gateway.metadata.namespace}/${edge.gateway.metadata.name}`,
      checks: checksOf(edge, await lookFromOutside(edge, { ...way, ca })),
    })),
  );
  if (options.json) console.log(JSON.stringify({ edges: found.map(asJson) }, undefined, 2));
  else for (const each of found) tell(each);
  return found.some(({ checks }) => checks.some(({ result }) => result === "failed"))
    ? exitCodes.unfit
    : exitCodes.done;
};

const asJson = ({ checks, ...edge }: Verified) => ({
  ...edge,
  serves: !checks.some(({ result }) => result === "failed"),
  checks,
});

const tell = ({ cluster, gateway, checks }: Verified): void => {
  console.log(`Gateway ${gateway} in cluster ${cluster}`);
  const widest = Math.max(...checks.map(({ check }) => check.length));
  for (const { check, subject, result, found, next } of checks) {
    console.log(`  ${coloured(result, marks[result])} ${check.padEnd(widest)}  ${subject}: ${found}`);
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
