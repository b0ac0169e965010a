/** Whether the proxies take what Envoy Gateway sends them, of which no condition tells. */
import { controllerLabels, type Names } from "../rules/names";
import { type Connection, ConnectionError, labelled } from "./connection";

/** Enough for a few rounds over hundreds of routes. */
const lines = 5_000;

/** What Envoy and Envoy Gateway object to, a line each, as it is since the last change. Who may not read logs is told nothing. */
export const refusals = async (cluster: Connection, names: Names): Promise<string[]> => {
  const pods = `/api/v1/namespaces/${names.controllers.envoyGateway}/pods`;
  try {
    const found = await cluster.list(`${pods}${labelled(controllerLabels.envoyGateway)}`);
    const logs = await Promise.all(
      found.map(({ name }) => cluster.text(`${pods}/${name}/log?container=envoy-gateway&tailLines=${lines}`)),
    );
    return [...new Set(logs.flatMap((log) => refusalsIn(log ?? "", names)))];
  } catch (error) {
    if (error instanceof ConnectionError) return [];
    throw error;
  }
};

/** By its log, where each round begins with the same words, and an objection follows within it. */
const refusalsIn = (log: string, names: Names): string[] => {
  const all = log.split("\n");
  const round = all.findLastIndex((line) => /\txds\S*\t.*received an update/.test(line));
  return [...new Set(all.slice(round + 1).flatMap((line) => objection(line, names) ?? []))];
};

const objection = (line: string, { namespace, edge }: Names): string | undefined => {
  const [, node, words] =
    /Envoy rejected the last update(?: for type \S+ on node (\S+))? with code \d+ and message (.*)$/.exec(line) ?? [];
  // A Gateway of somebody's own may have proxies of the same controller.
  if (words && (!node || node.startsWith(`envoy-${namespace}-${edge}-`)))
    return words.replace(/; the proxy is still serving.*$/, "").slice(0, longest);
  const [, error] = /failed to translate xds ir\t.*"error": "(.*)"\}$/.exec(line) ?? [];
  return error?.slice(-longest);
};

const longest = 300;
