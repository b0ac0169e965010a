/** Whether Envoy Gateway goes by a policy as it stands. */
import type { Names } from "../rules/names";
import { type Condition, type Conditioned, condition, inWords } from "./condition";
import type { Connection } from "./connection";

const collections = {
  ClientTrafficPolicy: "clienttrafficpolicies",
  BackendTrafficPolicy: "backendtrafficpolicies",
};

/** A policy of the edge, by its kind and name. */
export interface PolicyName {
  kind: keyof typeof collections;
  name: string;
}

/** https://gateway-api.sigs.k8s.io/reference/policy-attachment/#policystatus */
export interface PolicyObject {
  metadata: Conditioned["metadata"];
  status?: { ancestors?: { ancestorRef: { name: string }; conditions: Condition[] }[] };
}

/** A policy as it stands; undefined for one that is not there. */
export interface StandingPolicy extends PolicyName {
  policy: PolicyObject | undefined;
}

/** Where a policy of the edge is found. */
export const policyPath = ({ namespace }: Names, { kind, name }: PolicyName): string =>
  `/apis/gateway.envoyproxy.io/v1alpha1/namespaces/${namespace}/${collections[kind]}/${name}`;

/** Reads them as they are since a moment. Errors: `ConnectionError`. */
export const policies = (
  cluster: Connection,
  names: Names,
  since: number,
  wanted: PolicyName[],
): Promise<StandingPolicy[]> =>
  Promise.all(
    wanted.map(async ({ kind, name }) => ({
      kind,
      name,
      policy: await cluster.recently<PolicyObject>(policyPath(names, { kind, name }), since),
    })),
  );

/** A line for each policy that the Gateway's proxies do not go by, or not yet as it is now. */
export const notInForce = (names: Names, standing: StandingPolicy[]): string[] =>
  standing.flatMap(({ kind, name, policy }) => {
    if (!policy) return [`${kind} ${name} is not there`];
    const accepted = acceptance(names, policy);
    if (accepted?.status === "True") return [];
    return [`${kind} ${name} is not accepted${accepted ? `: ${inWords(accepted)}` : " yet"}`];
  });

/** Whether the Gateway's proxies go by a policy as it is now. */
export const isInForce = (names: Names, policy: PolicyObject): boolean => acceptance(names, policy)?.status === "True";

const acceptance = ({ edge }: Names, { metadata, status }: PolicyObject): Condition | undefined => {
  const ours = status?.ancestors?.find(({ ancestorRef }) => ancestorRef.name === edge);
  return ours && condition({ metadata, status: { conditions: ours.conditions } }, "Accepted");
};
