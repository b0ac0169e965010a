/** PROXY protocol has two ends, the load balancer that sends and the proxies that take: what each does in a phase, and which phase may follow. */
import type { Names } from "./names";
import { hasOptionalProxyProtocol, type VersionSet } from "./versions";

/** On the way to `enforce` and back, one end changes at a time. */
export enum ProxyProtocolPhase {
  /** The load balancer sends no header, and the proxies take none. */
  Off = "off",
  /** The proxies take connections with a header and without. */
  Prepare = "prepare",
  /** The load balancer sends it, too. */
  Enable = "enable",
  /** The proxies refuse connections without one. */
  Enforce = "enforce",
}

type Phase = `${ProxyProtocolPhase}`;

/** What each end does. */
export interface Ends {
  /** Whether the proxies take a header: never, if there is one, or always. */
  proxies: "none" | "optional" | "strict";
  /** Whether the load balancer sends one. */
  balancer: boolean;
}

/** Both ends read this table, so that they cannot disagree. Neighbours differ at one end, so that nothing has to happen at once. */
export const phases: Record<Phase, Ends> = {
  off: { proxies: "none", balancer: false },
  prepare: { proxies: "optional", balancer: false },
  enable: { proxies: "optional", balancer: true },
  enforce: { proxies: "strict", balancer: true },
};

/** The ends as they stand in a cluster. */
export interface StandingEnds extends Ends {
  /** Whether the proxies go by their policy as it is now. */
  accepted: boolean;
  /** Whether the load balancer is seen to send; undefined when nobody has looked, or could tell. */
  seen?: boolean;
}

const order: Phase[] = Object.values(ProxyProtocolPhase);

/** The phases that this version of Envoy Gateway has. */
const possible = (versions: VersionSet): Phase[] =>
  hasOptionalProxyProtocol(versions) ? order : order.filter((phase) => phases[phase].proxies !== "optional");

/** What is wrong with a phase, whatever stands. */
export const checkPhase = (phase: Phase, versions: VersionSet): string | undefined =>
  possible(versions).includes(phase)
    ? undefined
    : `must be ${possible(versions).join(" or ")}, got ${phase} (Envoy Gateway ${versions.envoyGateway} cannot take connections both with a header and without)`;

const differing = (a: Ends, b: Ends): number => Number(a.proxies !== b.proxies) + Number(a.balancer !== b.balancer);

/** The phase of two ends, or undefined when they are at odds. */
export const phaseOf = (ends: Ends): Phase | undefined => order.find((phase) => differing(phases[phase], ends) === 0);

/** What is wrong with a phase, as long as the cluster stands in another one. */
export const checkStep = (
  standing: StandingEnds | undefined,
  phase: Phase,
  versions: VersionSet,
  names: Names,
): string | undefined => {
  if (!standing) return undefined;
  const events = eventsIn(names);
  const wanted = phases[phase];
  const got = `got ${phase}`;
  const stands = phaseOf(standing);
  if (differing(standing, wanted) > 1 && hasOptionalProxyProtocol(versions))
    return stands
      ? `must go step by step from ${stands}, which the cluster stands in, ${got} (both ends would change at once, and connections be reset between; set ${next(stands, phase)} and run pulumi up first)`
      : `must mend one end at a time, ${got} (${inWords(standing)}, so that connections are reset; set ${order.filter((each) => differing(standing, phases[each]) === 1).join(" or ")} and run pulumi up first)`;
  const takes = standing.proxies !== "none";
  if (wanted.balancer && !standing.balancer && takes && !standing.accepted)
    return `must wait until the proxies take a header, ${got} (Envoy Gateway has not accepted ClientTrafficPolicy ${names.edge} as it is now: kubectl describe clienttrafficpolicy ${names.edge} -n ${names.namespace})`;
  if (wanted.proxies === "strict" && standing.proxies !== "strict" && standing.seen === false)
    return `must stay enable until the load balancer sends a header, ${got} (a client's own header reaches the proxies as the first, so it sends none, and each connection would be reset: ${events})`;
  if (wanted.proxies === "none" && standing.proxies !== "none" && standing.seen === true)
    return `must stay prepare as long as the load balancer sends a header, ${got} (each connection would be reset: ${events})`;
  return undefined;
};

/** Where a cloud's controller says why it does not follow. */
const eventsIn = ({ controllers }: Names) => `kubectl describe service -n ${controllers.envoyGateway}`;

const next = (from: Phase, to: Phase): Phase => {
  const at = order.indexOf(from);
  return order[at + Math.sign(order.indexOf(to) - at)] ?? to;
};

const inWords = ({ proxies, balancer }: Ends): string =>
  [
    balancer ? "the load balancer sends a header" : "the load balancer sends no header",
    { none: "the proxies take none", optional: "the proxies take both", strict: "the proxies insist on one" }[proxies],
  ].join(" and ");

/** What must be known of a phase before it is set, though it is right. */
export const warningOf = (
  standing: StandingEnds | undefined,
  phase: Phase,
  versions: VersionSet,
): string | undefined => {
  const wanted = phases[phase];
  if (wanted.proxies === "optional" && wanted.balancer)
    return "In phase enable of proxyProtocol, whoever reaches the proxies past the load balancer can send a header of its own, and claim any address. Set enforce next.";
  return standing && differing(standing, wanted) > 1
    ? `Envoy Gateway ${versions.envoyGateway} cannot take connections both with a header and without: the proxies change first, in a second, and every connection is reset until the load balancer has followed.`
    : undefined;
};
