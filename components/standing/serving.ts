/** Whether each domain is served over HTTPS, and if not, what the cluster says of it. */
import { certificateName, controllerLabels, listenerNames, type Names } from "../rules/names";
import type { StandingEnds } from "../rules/proxyProtocol";
import { type Conditioned, inWords } from "./condition";
import { type Connection, labelled } from "./connection";
import { type GatewayObject, gatewayPath } from "./gateway";
import type { Asked } from "./https";
import { type CertificateObject, certificateOf, issuances } from "./issuance";
import { notInForce, type PolicyName, policies, type StandingPolicy } from "./policy";
import { standingEnds } from "./proxyProtocol";

interface Deployment extends Conditioned {
  spec: { replicas?: number };
  status?: Conditioned["status"] & { availableReplicas?: number };
}

/** All that has a say in whether HTTPS is answered. */
export interface Facts {
  gateway: GatewayObject | undefined;
  certificates: CertificateObject[];
  policies: StandingPolicy[];
  proxyProtocol: StandingEnds | undefined;
  /** Controllers and proxies, by `namespace/name`; undefined for one that is not there. */
  deployments: Record<string, Deployment | undefined>;
}

/** Reads it as it is since a moment. Errors: `ConnectionError`. */
export const facts = async (cluster: Connection, names: Names, since: number, wanted: PolicyName[]): Promise<Facts> => {
  const deployments = async (namespace: string, labels: Record<string, string>, usual?: string) => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments${labelled(labels)}`;
    const items = (await cluster.recently<{ items: Deployment[] | null }>(path, since))?.items ?? [];
    // By its labels, since a release of somebody else's may have any name.
    const found = items.map((each) => [`${namespace}/${each.metadata.name}`, each] as const);
    return found.length > 0 || !usual ? found : [[`${namespace}/${usual}`, undefined] as const];
  };
  const { certManager, envoyGateway } = names.controllers;
  const [gateway, { certificates }, policiesFound, proxyProtocol, ...found] = await Promise.all([
    cluster.recently<GatewayObject>(gatewayPath(names), since),
    issuances(cluster, names.namespace, since),
    policies(cluster, names, since, wanted),
    standingEnds((path) => cluster.recently(path, since), names),
    deployments(certManager, controllerLabels.certManager, "cert-manager"),
    deployments(envoyGateway, controllerLabels.envoyGateway, "envoy-gateway"),
    deployments(envoyGateway, names.proxyLabels),
  ]);
  return {
    gateway,
    certificates,
    policies: policiesFound,
    proxyProtocol,
    deployments: Object.fromEntries(found.flat()),
  };
};

/** What in the cluster keeps HTTPS from being answered, a line each; nothing when all is as it must be. */
export const causes = (names: Names, { gateway, policies: stand, deployments }: Facts): string[] => [
  ...notInForce(names, stand),
  ...(gateway?.status?.addresses?.length
    ? []
    : [`Gateway ${names.namespace}/${names.edge} ${gateway ? "has no address" : "is not there"}`]),
  ...(gateway?.status?.listeners ?? [])
    .filter(({ name }) => name === listenerNames.https)
    .flatMap(({ name, conditions }) =>
      conditions
        .filter(({ type, status }) => ["Accepted", "Programmed", "ResolvedRefs"].includes(type) && status === "False")
        .map((each) => `listener ${name} is not ${each.type}: ${inWords(each)}`),
    ),
  ...Object.entries(deployments).flatMap(([name, deployment]) => {
    if (!deployment) return [`Deployment ${name} is not there`];
    const { spec, status } = deployment;
    return status?.availableReplicas ? [] : [`Deployment ${name} has 0 of ${spec.replicas ?? 1} pods available`];
  }),
];

/** Whether cert-manager is at work on one of the certificates, after which more may be answered than now. */
export const isIssuing = ({ certificates }: Facts): boolean =>
  certificates.some(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === "Issuing" && is === "True"),
  );

/** What is wrong with how a domain is answered at an address, or undefined when it is with the certificate that stands. */
export const problemOf = (domain: string, asked: Asked, { certificates }: Facts): string | undefined => {
  if ("unreachable" in asked) return `got ${asked.unreachable}`;
  if ("refused" in asked) return `got ${asked.refused}`;
  const { names, ends, issuer } = asked.served;
  if (![domain, `*.${domain}`].every((name) => names.includes(name)))
    return `got a certificate for ${names.join(", ")}, by ${issuer}`;
  const stands = certificateOf(certificateName(domain), { certificates })?.status?.notAfter;
  return stands === undefined || Date.parse(stands) === ends
    ? undefined
    : `got a certificate until ${new Date(ends).toISOString()}, while the one in the cluster is until ${stands}`;
};
