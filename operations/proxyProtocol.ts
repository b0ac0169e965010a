/** Takes a running edge to PROXY protocol and back, a phase at a time, each seen from outside before the next. */
import { loadBalancerNames } from "../components/rules/loadBalancers";
import { ProxyProtocolPhase, phases } from "../components/rules/proxyProtocol";
import { hasOptionalProxyProtocol, versionSets } from "../components/rules/versions";
import { versionOf } from "../components/standing/controllers";
import { type Asked, ask } from "../components/standing/https";
import { awaited, type Look } from "../components/standing/wait";
import { agreed } from "./agreed";
import { type ChosenOptions, edgeReader } from "./chosen";
import { readConfig, setConfig } from "./config";
import { CommandError, exitCodes } from "./exit";
import { showPulumi } from "./pulumi";
import { domainsOf, type StandingEdge } from "./standingEdge";
import { stackOption } from "./state";

type Phase = `${ProxyProtocolPhase}`;

/** What the command is called with. */
export interface ProxyProtocolOptions extends ChosenOptions {
  direction: "enable" | "disable";
  /** The load balancer, where the stack does not say it yet. */
  loadBalancer?: string;
  /** Asks nothing. */
  yes?: boolean;
  /** Seconds that the load balancer may take to follow. */
  timeout: number;
}

const order: Phase[] = Object.values(ProxyProtocolPhase);
const goals: Record<ProxyProtocolOptions["direction"], Phase> = { enable: "enforce", disable: "off" };
const setting = "https-edge:proxyProtocol";

/** The phases between, the last one included; only those in which the proxies need not take both, where they cannot. */
export const stepsOf = (from: Phase, to: Phase, takesBoth = true): Phase[] => {
  const [start, end] = [order.indexOf(from), order.indexOf(to)];
  const between = start <= end ? order.slice(start + 1, end + 1) : order.slice(end, start).reverse();
  return between.filter((phase) => takesBoth || phases[phase].proxies !== "optional");
};

/** Returns the exit code. `port` is for whoever asks otherwise than at 443. */
export const proxyProtocol = async (options: ProxyProtocolOptions, port?: number): Promise<number> => {
  const set = await settingOf(options);
  const from = set.phase ?? "off";
  const read = await edgeReader(options, console.log);
  const takesBoth = (await read()).every(({ edge }) => canTakeBoth(edge));
  const steps = stepsOf(from, goals[options.direction], takesBoth);
  if (steps.length === 0) {
    console.log(`proxyProtocol.phase is ${from}: nothing to do.`);
    return exitCodes.done;
  }
  const loadBalancer = loadBalancerOf(options, set.loadBalancer);
  const probe = probing(read, port);
  const now = await probe(from, 0);
  if (now)
    throw new CommandError(
      `each address must answer as in phase ${from} before anything is changed, got ${now}`,
      exitCodes.unfit,
    );
  console.log(`proxyProtocol goes from ${from} to ${steps.join(", then ")}: a pulumi up each, and a look from here.`);
  if (!takesBoth)
    console.log(
      "This Envoy Gateway cannot take both: every connection is reset until the load balancer has followed the proxies.",
    );
  if (!options.yes && !(await agreed("Go on?"))) return exitCodes.cancelled;

  if (set.loadBalancer !== loadBalancer) await setConfig(options, `${setting}.loadBalancer`, loadBalancer);
  for (const [at, step] of steps.entries()) {
    const problem = await take(step, options, probe);
    if (problem === undefined) {
      console.log(`Phase ${step}: every address answers as it must.`);
      continue;
    }
    const before = steps[at - 1] ?? from;
    console.error(`Phase ${step}: ${problem}. It goes back to ${before}.`);
    const back = await take(before, options, probe);
    if (back !== undefined) console.error(`Phase ${before}: ${back} (run pulumi up, and https-edge doctor)`);
    return exitCodes.unfit;
  }
  return exitCodes.done;
};

/** Whether the edge's Envoy Gateway has the phases between; one whose version cannot be told is as new as those that we install. */
const canTakeBoth = ({ controllers }: StandingEdge): boolean => {
  const [controller] = controllers.envoyGateway;
  const envoyGateway = controller && versionOf(controller);
  return envoyGateway === undefined || hasOptionalProxyProtocol({ ...versionSets.current, envoyGateway });
};

interface Setting {
  phase?: Phase;
  loadBalancer?: string;
}

/** What the stack is set to. */
const settingOf = async (options: ProxyProtocolOptions): Promise<Setting> =>
  ((await readConfig(options))[setting]?.objectValue ?? {}) as Setting;

const loadBalancerOf = ({ loadBalancer: given }: ProxyProtocolOptions, set: string | undefined): string => {
  const found = given ?? set;
  if (found !== undefined && loadBalancerNames.includes(found)) return found;
  throw new CommandError(
    `--load-balancer must be one that can send PROXY protocol, got ${found === undefined ? "none" : `"${found}"`} (there are ${loadBalancerNames.join(", ")}; docs/traffic.md tells of those that cannot)`,
    exitCodes.usage,
  );
};

type Probe = (phase: Phase, seconds: number) => Promise<string | undefined>;

/** Sets a phase, and runs `pulumi up`; what is wrong afterwards. */
const take = async (phase: Phase, options: ProxyProtocolOptions, probe: Probe): Promise<string | undefined> => {
  await setConfig(options, `${setting}.phase`, phase);
  const code = await showPulumi(["up", "--yes", "--skip-preview", ...stackOption(options)], "stderr");
  return code === 0 ? probe(phase, options.timeout) : `pulumi up ended with ${code}`;
};

/** Connections that each address is asked by, of each kind: a load balancer of several machines follows on one after the other. */
const times = 5;

/** Asks until each address answers as it must in a phase, or the time is up. */
const probing =
  (read: () => Promise<{ edge: StandingEdge }[]>, port?: number): Probe =>
  async (phase, seconds) => {
    const look = async (): Promise<Look<true>> => {
      const problems = (await Promise.all((await read()).map(({ edge }) => problemsOf(edge, phase, port)))).flat();
      return problems.length === 0 ? { done: true } : { waiting: problems.join("; ") };
    };
    const end = await awaited(look, { seconds, told: (waiting) => console.error(`  ${waiting}`) });
    return "failed" in end ? `${end.failed}${end.after}` : undefined;
  };

const problemsOf = async (edge: StandingEdge, phase: Phase, port?: number): Promise<string[]> => {
  const [host = ""] = domainsOf(edge);
  const addresses = (edge.gateway.status?.addresses ?? []).map(({ value }) => value);
  if (addresses.length === 0) return ["no address of the Gateway"];
  const all = await Promise.all(addresses.map((address) => problemAt(address, host, phase, port)));
  return all.flat();
};

/** Plain clients are answered in every phase; a client's own header is taken as long as the proxies take both and nobody sends another before it. */
const problemAt = async (address: string, host: string, phase: Phase, port?: number): Promise<string[]> => {
  const asked = (withHeader: boolean) =>
    Promise.all(Array.from({ length: times }, () => ask(address, host, { port, withHeader })));
  const [plain, withHeader] = await Promise.all([asked(false), asked(true)]);
  if (plain.every((each) => "unreachable" in each)) return [];
  const { proxies, balancer } = phases[phase];
  const isTaken = proxies === "optional" && !balancer;
  const refused = plain.find((each) => !("served" in each));
  const taken = withHeader.filter((each) => "served" in each).length;
  return [
    ...(refused ? [`${address}: ${wordsOf(refused)}`] : []),
    ...(taken === (isTaken ? times : 0)
      ? []
      : [`${address}: ${taken} of ${times} connections with a PROXY header of their own answered`]),
  ];
};

const wordsOf = (asked: Asked): string =>
  "refused" in asked ? asked.refused : "unreachable" in asked ? asked.unreachable : "";
