/** Serves one more host: an HTTPRoute to a Service, on the listener that ends TLS for it. */
import { dump } from "js-yaml";
import { checkHostname } from "../components/rules/routes";
import { type Conditioned, condition, inWords } from "../components/standing/condition";
import type { Connection } from "../components/standing/connection";
import { ask } from "../components/standing/https";
import { awaited, type Look } from "../components/standing/wait";
import { agreed } from "./agreed";
import { answered, type ChosenOptions, chosenEdges, type PlacedEdge } from "./chosen";
import { CommandError, exitCodes } from "./exit";
import { attachments, domainsOf, type Gateway, type Route, type StandingEdge } from "./standingEdge";

/** What the command is called with. */
export interface AddHostOptions extends ChosenOptions {
  host: string;
  /** The Service, as `namespace/name` or `namespace/name:port`. */
  service: string;
  /** Name of the HTTPRoute; the Service's by default. */
  name?: string;
  /** Only prints the manifests. */
  print?: boolean;
  /** Asks nothing. */
  yes?: boolean;
  /** Seconds until the host answers. */
  timeout: number;
}

/** Returns the exit code. `port` is for whoever asks otherwise than at 443. */
export const addHost = async (options: AddHostOptions, port?: number): Promise<number> => {
  const { host, print } = options;
  const { cluster, edge } = placeOf(await chosenEdges(options, console.error), host);
  return answered(async () => {
    const backend = await backendOf(cluster, options.service);
    const listener = listenerFor(edge.gateway.spec.listeners, host);
    const route = routeTo(backend, edge.gateway, listener, options);
    refuseTaken(edge, route, host);
    const { before, missing } = await labelsOf(cluster, edge.gateway, listener, backend.namespace);
    if (print) {
      for (const each of [...labelled(backend.namespace, missing), route]) console.log(`---\n${dump(each)}`.trimEnd());
      return exitCodes.done;
    }
    for (const [key, value] of Object.entries(missing))
      console.log(`Namespace ${backend.namespace} gets the label ${key}=${value}, with which it may attach routes.`);
    console.log(`HTTPRoute ${nameOf(route)} leads https://${host} to ${backend.name}:${backend.port}.`);
    if (!options.yes && !(await agreed("Go on?"))) return exitCodes.cancelled;
    await make(cluster, route, before, missing);
    return waitFor(cluster, edge, route, options, port);
  });
};

const routes = (namespace: string): string => `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`;
const namespaces = "/api/v1/namespaces";

/** The edge whose certificates cover the host. */
const placeOf = (all: PlacedEdge[], host: string): PlacedEdge => {
  const found = all.find(({ edge }) => checkHostname(host, domainsOf(edge)) === undefined);
  if (found) return found;
  const problem = checkHostname(host, [...new Set(all.flatMap(({ edge }) => domainsOf(edge)))]);
  throw new CommandError(`the host ${problem}`, exitCodes.usage);
};

interface Backend {
  namespace: string;
  name: string;
  port: number;
}

const backendOf = async (cluster: Connection, service: string): Promise<Backend> => {
  const [, namespace, name, port] = /^([^/:]+)\/([^/:]+)(?::(\d+))?$/.exec(service) ?? [];
  if (!namespace || !name)
    throw new CommandError(
      `--service must be namespace/name or namespace/name:port, got "${service}" (such as shop/web:80)`,
      exitCodes.usage,
    );
  const found = await cluster.get<{ spec: { ports?: { port: number }[] } }>(
    `${namespaces}/${namespace}/services/${name}`,
  );
  if (!found)
    throw new CommandError(
      `--service must name a Service that stands, got ${namespace}/${name} (kubectl get services -n ${namespace})`,
      exitCodes.usage,
    );
  const ports = (found.spec.ports ?? []).map((each) => each.port);
  const [first, ...others] = ports;
  if (port === undefined && first !== undefined && others.length === 0) return { namespace, name, port: first };
  if (port !== undefined && ports.includes(Number(port))) return { namespace, name, port: Number(port) };
  throw new CommandError(
    `--service must name a port of Service ${namespace}/${name}, got ${port ?? "none"} (it has ${ports.join(", ") || "none"})`,
    exitCodes.usage,
  );
};

interface NewRoute {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: { parentRefs: object[]; hostnames: string[]; rules: object[] };
}

const routeTo = (
  { namespace, name, port }: Backend,
  { metadata }: Gateway,
  listener: Listener,
  options: AddHostOptions,
): NewRoute => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: options.name ?? name, namespace },
  spec: {
    parentRefs: [{ name: metadata.name, namespace: metadata.namespace, sectionName: listener.name }],
    hostnames: [options.host],
    rules: [{ backendRefs: [{ name, port }] }],
  },
});

type Listener = Gateway["spec"]["listeners"][number];

/** Of the listeners that end TLS for a host, the one that is most particular about it. */
const listenerFor = (listeners: Listener[], host: string): Listener => {
  const wildcard = `*.${host.split(".").slice(1).join(".")}`;
  const [chosen] = [host, wildcard, undefined].flatMap((hostname) =>
    listeners.filter((each) => each.protocol === "HTTPS" && each.hostname === hostname),
  );
  if (chosen) return chosen;
  throw new CommandError(
    `the Gateway must have an HTTPS listener for ${host}, got none (it has ${listeners.map(({ name }) => name).join(", ")})`,
    exitCodes.unfit,
  );
};

const nameOf = ({ metadata }: { metadata: { name: string; namespace?: string } }): string =>
  `${metadata.namespace}/${metadata.name}`;

const refuseTaken = ({ routes: all }: StandingEdge, route: NewRoute, host: string): void => {
  const holder = all.find(({ spec }) => spec.hostnames?.includes(host));
  if (holder)
    throw new CommandError(
      `the host must be free, got ${host}, which HTTPRoute ${nameOf(holder)} serves (change that one, or choose another host)`,
      exitCodes.held,
    );
  if (all.some((each) => nameOf(each) === nameOf(route)))
    throw new CommandError(
      `the HTTPRoute must be new, got ${nameOf(route)}, which is there (choose --name, or add the host to it: kubectl edit httproute -n ${route.metadata.namespace} ${route.metadata.name})`,
      exitCodes.held,
    );
};

type Labels = Record<string, string>;

/** Labels of a namespace, and those that it lacks for its routes to attach to the listener. */
const labelsOf = async (
  cluster: Connection,
  { metadata }: Gateway,
  { name, allowedRoutes }: Listener,
  namespace: string,
): Promise<{ before: Labels; missing: Labels }> => {
  const { from = "Same", selector } = allowedRoutes?.namespaces ?? {};
  if (from === "Same" && namespace !== metadata.namespace)
    throw new CommandError(
      `the Service must be in namespace ${metadata.namespace}, from which alone listener ${name} takes routes, got ${namespace}`,
      exitCodes.unfit,
    );
  const wanted = Object.entries(from === "Selector" ? (selector?.matchLabels ?? {}) : {});
  const before = (await cluster.metadata(`${namespaces}/${namespace}`))?.labels ?? {};
  return { before, missing: Object.fromEntries(wanted.filter(([key, value]) => before[key] !== value)) };
};

const labelled = (namespace: string, labels: Labels): object[] =>
  Object.keys(labels).length === 0
    ? []
    : [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } }];

/** Makes the route. One that the API server refuses leaves the namespace as it was. */
const make = async (cluster: Connection, route: NewRoute, before: Labels, missing: Labels): Promise<void> => {
  const { name, namespace } = route.metadata;
  const label = (labels: Record<string, string | null>) =>
    cluster.patch(`${namespaces}/${namespace}`, "application/merge-patch+json", { metadata: { labels } });
  const isChanged = Object.keys(missing).length > 0;
  if (isChanged) await label(missing);
  const objection = await cluster.rehearse(routes(namespace), route);
  const isMade = objection === undefined && (await cluster.create(routes(namespace), route));
  if (isMade) return;
  if (isChanged) await label(Object.fromEntries(Object.keys(missing).map((key) => [key, before[key] ?? null])));
  throw new CommandError(
    objection ?? `the HTTPRoute must be new, got ${namespace}/${name}, which is there (choose --name)`,
    exitCodes.held,
  );
};

const waitFor = async (
  cluster: Connection,
  edge: StandingEdge,
  route: NewRoute,
  { host, timeout }: AddHostOptions,
  port?: number,
): Promise<number> => {
  const { name, namespace } = route.metadata;
  const look = async (): Promise<Look<string[]>> => {
    const found = await cluster.get<Route>(`${routes(namespace)}/${name}`);
    const [attached] = found ? attachments(edge.gateway, found) : [];
    const waiting = attached ? unmet(attached) : "the controller has not seen it yet";
    if (waiting) return { waiting };
    const addresses = (edge.gateway.status?.addresses ?? []).map(({ value }) => value);
    const asked = await Promise.all(
      addresses.map(async (value) => ({ value, came: await ask(value, host, { port }) })),
    );
    const silent = asked.find(({ came }) => "refused" in came);
    return silent && "refused" in silent.came
      ? { waiting: `${silent.value}: ${silent.came.refused}` }
      : { done: asked.flatMap(({ value, came }) => ("served" in came ? [value] : [])) };
  };
  const end = await awaited(look, { seconds: timeout, told: (waiting) => console.log(`  ${waiting}`) });
  if ("failed" in end) {
    console.error(
      `HTTPRoute ${nameOf(route)} must be accepted and answered, got ${end.failed}${end.after} (https-edge doctor tells why; kubectl delete httproute -n ${namespace} ${name} takes it away)`,
    );
    return exitCodes.unfit;
  }
  console.log(
    end.done.length > 0
      ? `https://${host} is served at ${end.done.join(", ")}.`
      : `HTTPRoute ${nameOf(route)} is accepted; no address of the Gateway can be reached from here.`,
  );
  return exitCodes.done;
};

/** The first condition of a route that does not hold. */
const unmet = (attached: Conditioned): string | undefined => {
  for (const type of ["Accepted", "ResolvedRefs"]) {
    const found = condition(attached, type);
    if (found?.status !== "True") return found ? inWords(found) : `no word of ${type} yet`;
  }
  return undefined;
};
