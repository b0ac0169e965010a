/** Which edges a command is about: a stack's, as its state tells, or one that is named by its Gateway and may be made by hand. */
import { type Connection, type ConnectionArgs, ConnectionError, connect } from "../components/standing/connection";
import { CommandError, exitCodes } from "./exit";
import { mendedMessage } from "./mend";
import { edgesOf } from "./stackState";
import { type Chosen, readEdges, type StandingEdge } from "./standingEdge";
import { readState, type StackRef } from "./state";

/** What commands are called with to choose. */
export interface ChosenOptions extends StackRef {
  /** The Gateway of an edge that no stack has made, as `namespace/name`. */
  gateway?: string;
  /** The way to its cluster; Pulumi's state tells a stack's. */
  kubeconfig?: string;
  context?: string;
}

/** An edge, and the way to its cluster. */
export interface PlacedEdge {
  cluster: Connection;
  edge: StandingEdge;
}

/**
 * Reads them, one at least. `say` hears what was mended in the stack's state on the way.
 *
 * Errors: a `CommandError` for a name that is none, where no edge stands, and where the cluster does not answer; those of `readState`.
 */
export const chosenEdges = async (options: ChosenOptions, say: (line: string) => void): Promise<PlacedEdge[]> =>
  (await edgeReader(options, say))();

/** The same again and again: the stack's state is read once, and the edges by each call. */
export const edgeReader = async (
  options: ChosenOptions,
  say: (line: string) => void,
): Promise<() => Promise<PlacedEdge[]>> => {
  const targets = await targetsOf(options, say);
  return () => edgesAt(targets, options);
};

const edgesAt = async (targets: Target[], options: ChosenOptions): Promise<PlacedEdge[]> => {
  const found = await answered(() =>
    Promise.all(
      targets.map(async ({ connection, chosen }) => {
        const cluster = connect(connection);
        return (await readEdges(cluster, chosen)).map((edge) => ({ cluster, edge }));
      }),
    ),
  );
  const edges = found.flat();
  if (edges.length === 0) throw noEdge(options);
  return edges;
};

/** What is done with a cluster. Errors: a `CommandError` where it does not answer. */
export const answered = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    throw new CommandError(error.message, exitCodes.unseen);
  }
};

/** A cluster, and which of its Gateways are meant. */
interface Target {
  connection: ConnectionArgs;
  chosen: Chosen;
}

const targetsOf = async (options: ChosenOptions, say: (line: string) => void): Promise<Target[]> => {
  const { gateway } = options;
  const given = givenConnection(options);
  if (gateway !== undefined) return [{ connection: given, chosen: gatewayOf(gateway) }];
  const state = await readState(options, (file) => say(mendedMessage(file)));
  return edgesOf(state).flatMap(({ connection, owner }) =>
    owner === undefined ? [] : [{ connection: { ...connection, ...given }, chosen: { owner } }],
  );
};

/** The way to a cluster as far as the command was given it. */
export const givenConnection = ({ kubeconfig, context }: ChosenOptions): ConnectionArgs => ({
  ...(kubeconfig !== undefined && { kubeconfig }),
  ...(context !== undefined && { context }),
});

const gatewayOf = (text: string): Chosen => {
  const [, namespace, name] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (!namespace || !name)
    throw new CommandError(
      `--gateway must be namespace/name, got "${text}" (such as envoy-gateway/eg; kubectl get gateways -A)`,
      exitCodes.usage,
    );
  return { namespace, name };
};

const noEdge = ({ gateway }: ChosenOptions): CommandError =>
  new CommandError(
    gateway === undefined
      ? "the stack must hold an edge that stands in a cluster, got none (run pulumi up; an edge that no stack has made is named by --gateway)"
      : `--gateway must be one that stands in the cluster, got ${gateway} (kubectl get gateways -A)`,
    exitCodes.unseen,
  );
