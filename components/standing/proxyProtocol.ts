/** How the two ends of PROXY protocol stand: as their objects say, and as they are seen from here. */
import { switchedOnBy } from "../rules/loadBalancers";
import { type Names, sendsAnnotation } from "../rules/names";
import { type Ends, phases, type StandingEnds } from "../rules/proxyProtocol";
import { type Connection, labelled } from "./connection";
import { type GatewayObject, gatewayPath } from "./gateway";
import { type Asked, ask } from "./https";
import { isInForce, type PolicyObject, policyPath } from "./policy";

/** https://gateway.envoyproxy.io/docs/api/extension_types/#clienttrafficpolicyspec */
export interface ClientTraffic extends PolicyObject {
  spec?: { proxyProtocol?: { optional?: boolean }; enableProxyProtocol?: boolean };
}

/** The Service of the proxies, which the load balancer belongs to. */
export interface Service {
  metadata: { name: string; annotations?: Record<string, string> };
}

/** A function that reads an object, or undefined when it is not there. */
type Read = <T>(path: string) => Promise<T | undefined>;

const servicesPath = ({ controllers, proxyLabels }: Names) =>
  `/api/v1/namespaces/${controllers.envoyGateway}/services${labelled(proxyLabels)}`;

/** Reads both ends; undefined as long as there is no load balancer, and so no connection either. Errors: `ConnectionError`. */
export const standingEnds = async (read: Read, names: Names): Promise<StandingEnds | undefined> => {
  const [policy, services] = await Promise.all([
    read<ClientTraffic>(policyPath(names, { kind: "ClientTrafficPolicy", name: names.edge })),
    read<{ items: Service[] | null }>(servicesPath(names)),
  ]);
  const [service] = services?.items ?? [];
  return (
    service && {
      proxies: proxiesEnd(policy),
      balancer: sends(service),
      accepted: policy !== undefined && isInForce(names, policy),
    }
  );
};

/** What the proxies do by their policy. */
export const proxiesEnd = (policy: ClientTraffic | undefined): Ends["proxies"] => {
  const { proxyProtocol, enableProxyProtocol } = policy?.spec ?? {};
  if (proxyProtocol) return proxyProtocol.optional ? "optional" : "strict";
  return enableProxyProtocol ? "strict" : "none";
};

/** Whether the load balancer is told to send a header. */
export const sends = ({ metadata: { annotations = {} } }: Service): boolean =>
  sendsAnnotation in annotations ||
  Object.entries(annotations).some(([key, value]) => switchedOnBy(key, value) !== undefined);

/** Answers to connections with a PROXY header of their own. */
export const askWithHeader = (
  address: string,
  host: string,
  port: number | undefined,
  times: number,
): Promise<Asked[]> => Promise.all(Array.from({ length: times }, () => ask(address, host, { port, withHeader: true })));

/**
 * The ends as they stand, and whether the load balancer is seen to send, where that decides: the proxies take both, and are to stop it. Its
 * Service says what it is told, which it may not do. Then a header of our own comes second, in place of TLS, and is refused.
 */
export const balancerSeen = async (
  cluster: Connection,
  stands: StandingEnds | undefined,
  phase: keyof typeof phases,
  { host, port, names }: { host: string; port?: number; names: Names },
): Promise<StandingEnds | undefined> => {
  if (stands?.proxies !== "optional" || phases[phase].proxies === "optional") return stands;
  const gateway = await cluster.get<GatewayObject>(gatewayPath(names));
  const [address] = gateway?.status?.addresses ?? [];
  if (!address) return stands;
  const [plain, header] = await Promise.all([
    ask(address.value, host, { port }),
    ask(address.value, host, { port, withHeader: true }),
  ]);
  if ("served" in header) return { ...stands, seen: false };
  return "served" in plain && "refused" in header ? { ...stands, seen: true } : stands;
};

/** What is wrong with how connections with a header of their own were answered, or undefined when it is as both ends are to be. */
export const headerProblem = (
  asked: Asked[],
  wanted: Ends,
  stands: StandingEnds | undefined,
  { controllers }: Names,
): string | undefined => {
  const taken = asked.filter((each) => "served" in each).length;
  const of = `${taken} of ${asked.length} connections with a PROXY header of their own answered`;
  if (wanted.proxies === "optional" && !wanted.balancer) {
    if (taken === asked.length) return undefined;
    return `got ${of}, while the proxies are to take it (${stands?.balancer ? "the load balancer sends one already" : "not all of them have their new settings, or the load balancer sends one already"})`;
  }
  if (taken === 0) return undefined;
  return wanted.balancer
    ? `got ${of}, so the load balancer sends none (its controller follows the annotations of the Service: kubectl describe service -n ${controllers.envoyGateway})`
    : `got ${of}, while the proxies are to take none (not all of them have their new settings)`;
};

/** A line when the Service does not yet say what it is to say; the next phase is judged by it. */
export const balancerProblem = (
  wanted: Ends,
  stands: StandingEnds | undefined,
  { edge, controllers }: Names,
): string[] => {
  if (!stands || stands.balancer === wanted.balancer) return [];
  const tells = stands.balancer ? "still tells" : "does not tell";
  return [
    `the Service of the proxies ${tells} the load balancer to send PROXY protocol${stands.balancer ? "" : " yet"} (Envoy Gateway writes it by EnvoyProxy ${edge}, unless another hand has: kubectl get service -n ${controllers.envoyGateway} -o yaml)`,
  ];
};
