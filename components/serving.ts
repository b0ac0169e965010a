/** The end of an `up`: HTTPS is answered on every domain, with the right certificate. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { known } from "./resources/unknown";
import { type Way, waited } from "./resources/wait";
import { type Address, type Addresses, addressesOf } from "./rules/addresses";
import type { Names } from "./rules/names";
import type { Ends } from "./rules/proxyProtocol";
import type { Connection } from "./standing/connection";
import { type Asked, ask } from "./standing/https";
import { notInForce, type PolicyName } from "./standing/policy";
import { askWithHeader, balancerProblem, headerProblem } from "./standing/proxyProtocol";
import { refusals } from "./standing/refusal";
import { causes, type Facts, facts, isIssuing, problemOf } from "./standing/serving";
import { inTurns } from "./standing/turns";
import type { Look } from "./standing/wait";

/** How `up` makes sure that HTTPS is answered. */
export interface ServingArgs {
  /**
   * Whether the load balancer can be reached from where `up` runs. If not, such as with an internal one, `up` goes by what the Gateway, its
   * listeners and the proxies report.
   * @default - whether everybody is let in: true, but for `trustedProxies.only`
   */
  reachable?: boolean;
}

/** The setting `serving`. */
export const servingSetting = z.strictObject({
  reachable: z.boolean().optional(),
} satisfies { [K in keyof Required<ServingArgs>]: z.ZodType });

/** What is to be served, and where. */
export interface ServingPartArgs extends ServingArgs {
  names: Names;
  domains: string[];
  addresses: pulumi.Output<Addresses>;
  /** Whether the load balancer is to let in trusted proxies alone. */
  guarded: boolean;
  /** Resolves once the certificates are issued. */
  certificates: Promise<unknown>;
  /** The policies that must be in force. */
  policies: PolicyName[];
  /** What the two ends of PROXY protocol are to do. */
  proxyProtocol: Ends;
  /** Number of proxies. */
  replicas: number;
  /** The way to the cluster. */
  way: Way;
  /**
   * Port of HTTPS.
   * @default 443
   */
  port?: number;
  /**
   * Seconds that may pass until the load balancer answers, when the cluster has nothing to object.
   * @default 300
   */
  seconds?: number;
  /**
   * Seconds that the same objection of the cluster is borne.
   * @default 60
   */
  standstill?: number;
}

/**
 * Asks each address for each domain, in each `up`. Conditions alone do not tell: since Envoy Gateway 1.9 a route is Accepted though its
 * listener is dead, and no condition knows of the way through the load balancer. The request goes to the address, whatever DNS says by then.
 *
 * Errors: `https must be answered …`, with a line for each domain that is not, and what the cluster says of it.
 */
export class Serving extends pulumi.ComponentResource {
  constructor(name: string, args: ServingPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Serving", name, {}, opts);
    this.registerOutputs(pulumi.runtime.isDryRun() ? {} : { answered: answered(args, this) });
  }
}

const answered = async (args: ServingPartArgs, part: pulumi.Resource): Promise<string[]> => {
  const [addresses] = await Promise.all([known(args.addresses), args.certificates]);
  if (!addresses) return [];
  await waited(part, args.way, {
    look: lookOut(addresses, args),
    seconds: args.seconds ?? 300,
    problem: (found, after) => `https must be answered on every domain with its certificate, got${after}:\n${found}`,
  });
  if (args.guarded && !isReachable(args)) await tryDoor(addresses, args, part);
  const cluster = await args.way;
  for (const refusal of cluster ? await refusals(cluster, args.names) : [])
    pulumi.log.warn(
      `Envoy must take what Envoy Gateway sends it, got ${refusal} (no change of any route arrives, and a proxy that starts answers 404 to every host: delete what holds this, see docs/traffic.md)`,
      part,
    );
  return args.domains;
};

const isReachable = ({ reachable, guarded }: ServingPartArgs): boolean => reachable ?? !guarded;

/** Warns when the load balancer lets this machine in, which is none of the trusted proxies. One that drops its packets never answers. */
const tryDoor = async (
  addresses: Addresses,
  { domains: [domain = ""], port }: ServingPartArgs,
  part: pulumi.Resource,
): Promise<void> => {
  const asked = await inTurns([...addresses], 16, async (address) => ({
    address,
    came: await ask(address.value, domain, { port, timeout: 3_000 }),
  }));
  for (const { address, came } of asked)
    if ("served" in came)
      pulumi.log.warn(
        `trustedProxies.only must keep others out, but https://${domain} at ${inWords(address)} answers this machine. Where the cloud does not honour loadBalancerSourceRanges, whoever comes so can forge its address: close the way by the cloud's own means, or take trustedProxies.only away. It says nothing where this machine stands in the cluster or in the ranges, or if the load balancer takes a while: run pulumi up again.`,
        part,
      );
};

/** Looks at everything; gives up early when the cluster itself objects, nobody is at work on it, and that stays so. */
const lookOut = (addresses: Addresses, args: ServingPartArgs) => {
  const { names, policies, standstill = 60 } = args;
  const reachable = isReachable(args);
  const since = Date.now();
  let objected: number | undefined;
  return async (cluster: Connection): Promise<Look<true>> => {
    const stands = await facts(cluster, names, since, policies);
    const moved = anotherAddress(addresses, stands, args);
    if (moved) return { failed: `  ${moved}` };
    const { answers, headers } = reachable ? await problemsOf(addresses, stands, args) : { answers: [], headers: [] };
    const misled = balancerProblem(args.proxyProtocol, stands.proxyProtocol, names);
    const objections = [...causes(names, stands), ...misled];
    // An answer tells neither by which policies it came nor of what the Service is told.
    const decided = reachable ? [...notInForce(names, stands.policies), ...misled] : objections;
    if ([...answers, ...headers, ...decided].length === 0) return { done: true };
    const lines = [...answers, ...headers, ...objections, ...(answers.length > 0 ? [wayOut] : [])];
    const message = lines.map((line) => `  ${line}`).join("\n");
    if (objections.length === 0 || isIssuing(stands)) objected = undefined;
    else objected ??= Date.now();
    return objected !== undefined && Date.now() - objected >= standstill * 1_000
      ? { failed: message }
      : { waiting: message };
  };
};

const wayOut = "(if the load balancer cannot be reached from here, set serving.reachable to false)";

/** What is wrong when the Gateway has other addresses by now than those that the records lead to. */
const anotherAddress = (
  addresses: Addresses,
  { gateway }: Facts,
  { domains, names }: ServingPartArgs,
): string | undefined => {
  const found = addressesOf(gateway?.status?.addresses ?? [], domains, names.namespace);
  if (!("addresses" in found)) return undefined;
  const [before, now] = [addresses, found.addresses].map((all) => all.map(({ value }) => value).join(", "));
  return before === now
    ? undefined
    : `the Gateway is at ${now} by now, and the records lead to ${before} (run pulumi up again: they follow)`;
};

/** A line for each domain and address without the right answer. An address of a family that has no way from here is left out beside others. */
const problemsOf = async (
  addresses: Addresses,
  stands: Facts,
  args: ServingPartArgs,
): Promise<{ answers: string[]; headers: string[] }> => {
  const { domains, port, proxyProtocol } = args;
  const all = domains.flatMap((domain) => addresses.map((address) => ({ domain, address })));
  const asked = await inTurns(all, 16, async (each) => ({
    ...each,
    asked: await ask(each.address.value, each.domain, { port }),
  }));
  const isOut = (each: { asked: Asked }) => "unreachable" in each.asked;
  const judged = asked.every(isOut) ? asked : asked.filter((each) => !isOut(each));
  const answers = judged.flatMap(({ domain, address, asked: came }) => {
    const problem = problemOf(domain, came, stands);
    return problem ? [`https://${domain} at ${inWords(address)}: ${problem}`] : [];
  });
  // The way is the same for each domain.
  const ways = judged.filter(({ domain, asked: came }) => domain === domains[0] && !("unreachable" in came));
  const headers = await inTurns(ways, 4, async ({ domain, address }) => {
    const tries = await askWithHeader(address.value, domain, port, connections(args));
    const problem = headerProblem(tries, proxyProtocol, stands.proxyProtocol, args.names);
    return problem ? [`PROXY protocol at ${inWords(address)}: ${problem}`] : [];
  });
  return { answers, headers: headers.flat() };
};

/** As many as it takes to meet each proxy, most likely: the load balancer chooses. */
const connections = ({ replicas }: ServingPartArgs): number => Math.min(4 * replicas, 32);

const inWords = ({ value }: Address): string => (value.includes(":") ? `[${value}]` : value);
