/**
 * Measures one of the edge's proxies beside the same Envoy configured by hand, both at their pods' addresses on one node, and the memory of a
 * proxy by its number of routes. Runs inside a lab whose edge is up. Prints figures and asserts none; an answer that fails ends it.
 */
import { namesOf } from "../../components/rules/names";
import { output } from "../tools/process";
import { until } from "../tools/until";
import { application, removeByHand, startByHand } from "./byHand";
import { type Load, type Outcome, runLoad } from "./h2load";
import { type Pod, readyPods, useOf } from "./pods";
import { type Comparison, compare, type Server, takeRounds } from "./rounds";
import { addRoutes, removeRoutes, routesServed } from "./routes";

const rounds = 7;
const seconds = 3;
const host = `${application.name}.${application.domain}`;
const small = "/";
const large = "/data?size=1&unit=mb";

/** Enough requests under way to keep two processors busy, on enough connections for each worker to have its share. */
const loads: Record<string, Load> = {
  "HTTP/1.1, small": { protocol: "HTTP/1.1", path: small, clients: 32, streams: 1 },
  "HTTP/2, small": { protocol: "HTTP/2", path: small, clients: 16, streams: 4 },
  "HTTP/1.1, 1 MB": { protocol: "HTTP/1.1", path: large, clients: 16, streams: 1 },
  "HTTP/2, 1 MB": { protocol: "HTTP/2", path: large, clients: 8, streams: 2 },
};
const handshakes: Load = { protocol: "HTTP/1.1", path: small, clients: 1_000, streams: 1 };

const addressOf = ({ status }: Pod): string => `${status.podIP}:10443`;

/** A load's outcome, with the processor time that the server itself took for a request, in microseconds. */
type Measured = Outcome & { processor: number };

const measure = async (pod: Pod, load: Load): Promise<Measured> => {
  const before = useOf(pod).processorSeconds;
  const outcome = await runLoad(load, host, addressOf(pod));
  const used = useOf(pod).processorSeconds - before;
  return { ...outcome, processor: (used / outcome.requests) * 1_000_000 };
};

const row = (what: string, { edge, byHand, ratio, lowest, highest }: Comparison, digits = 0): void => {
  const number = (value: number): string => value.toFixed(digits).padStart(10);
  const spread = `${lowest.toFixed(2)} to ${highest.toFixed(2)}`;
  console.log(`  ${what.padEnd(38)} ${number(edge)} ${number(byHand)} ${ratio.toFixed(3).padStart(8)}   ${spread}`);
};

const series = (taken: Record<Server, Measured[]>, figure: keyof Measured): Comparison => {
  const values = (server: Server): number[] => taken[server].map((each) => each[figure]);
  return compare(values("edge"), values("byHand"));
};

const compareLoads = async (pods: Record<Server, Pod>): Promise<void> => {
  const take = (load: Load) => takeRounds(rounds, (server) => measure(pods[server], load));
  console.log(
    `one proxy beside the same Envoy by hand, medians of ${rounds} rounds${" ".repeat(6)}edge    by hand    ratio   of the rounds`,
  );
  for (const [what, load] of Object.entries(loads)) {
    // The first requests open the connections to whoami, and tell how many fill the time.
    const first = { ...load, requests: load.clients * load.streams * 10 };
    const speeds = [await measure(pods.edge, first), await measure(pods.byHand, first)].map((each) => each.perSecond);
    const requests = Math.max(first.requests, Math.round(Math.min(...speeds) * seconds));
    const full = await take({ ...load, requests });
    console.log(what);
    const perSecond = series(full, "perSecond");
    row("requests/s", perSecond);
    row("µs of Envoy's CPU a request", series(full, "processor"));
    // A server that is full tells of the queue alone.
    const rate = Math.round(Math.min(perSecond.edge, perSecond.byHand) / 2);
    const half = await take({ ...load, requests: rate * seconds, rate });
    row(`ms, p50 at ${rate} requests/s`, series(half, "p50"), 2);
    row("ms, p99", series(half, "p99"), 2);
  }
  const taken = await take(handshakes);
  console.log("TLS handshakes, one request each");
  row("handshakes/s", series(taken, "perSecond"));
  row("µs of Envoy's CPU a handshake", series(taken, "processor"));
};

const names = namesOf();

const proxies = (): Promise<Pod[]> => readyPods(names.controllers.envoyGateway, names.proxyLabels);

/** Memory of a proxy that starts with the routes there: one that took a load before holds on to what it had. */
const memoryWith = async (routes: number, proxy: Pod): Promise<number> => {
  await addRoutes(routes);
  const known = (await proxies()).map(({ metadata }) => metadata.name);
  const { name, namespace } = proxy.metadata;
  await output(["kubectl", "delete", "pod", name, `--namespace=${namespace}`, "--wait=false"]);
  const isNew = ({ metadata }: Pod): boolean => !known.includes(metadata.name);
  const fresh = await until("a new proxy", async () => (await proxies()).find(isNew));
  await routesServed(addressOf(fresh), routes);
  return useOf(fresh).memory;
};

const memoryRow = (what: string, value: number, unit: string): void =>
  console.log(`  ${what.padEnd(38)} ${value.toFixed(1).padStart(10)} ${unit}`);

const main = async (): Promise<void> => {
  const [proxy] = await proxies();
  if (!proxy) throw new Error("the edge must be up");
  try {
    const byHand = await startByHand(proxy);
    for (const pod of [proxy, byHand]) await routesServed(addressOf(pod), 0);
    const [one, oneByHand] = [proxy, byHand].map((pod) => useOf(pod).memory) as [number, number];
    await compareLoads({ edge: proxy, byHand });
    const more = 999;
    const many = await memoryWith(more, proxy);
    console.log("memory of a proxy, without the program's own file");
    memoryRow("an application's route, by hand", oneByHand, "MiB");
    memoryRow("an application's route", one, "MiB");
    memoryRow(`${more + 1} of them`, many, "MiB");
    memoryRow("each", ((many - one) / more) * 1024, "KiB");
  } finally {
    await removeRoutes();
    await removeByHand();
  }
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
