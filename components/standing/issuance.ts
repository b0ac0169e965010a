/** How far the issuance of a Certificate is, along the chain of objects in which cert-manager keeps it. */
import { type Condition, type Conditioned, condition, holds, inWords, oneLine } from "./condition";
import type { Connection } from "./connection";
import type { Look } from "./wait";

/** https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateStatus */
export interface CertificateStatus {
  notBefore?: string;
  notAfter?: string;
  renewalTime?: string;
  /** How often it was issued. */
  revision?: number;
  lastFailureTime?: string;
  failedIssuanceAttempts?: number;
  conditions?: Condition[];
}

/** An object that another one owns. */
export interface Owned extends Conditioned {
  metadata: Conditioned["metadata"] & {
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    ownerReferences?: { uid: string }[];
  };
  /** Of a Challenge the name that it is about, without the wildcard; of a request its issuer. */
  spec?: { dnsName?: string; issuerRef?: { kind?: string; name: string } };
  status?: { conditions?: Condition[]; state?: string; reason?: string };
}

/** A Certificate as it stands. */
export interface CertificateObject extends Omit<Owned, "spec"> {
  spec?: { issuerRef: { name: string }; dnsNames?: string[] };
  status?: CertificateStatus;
}

/** What stands of one namespace's issuances. */
export interface Issuances {
  certificates: CertificateObject[];
  requests: Owned[];
  orders: Owned[];
  challenges: Owned[];
}

const paths = (namespace: string): { [K in keyof Issuances]: string } => {
  const certManager = `/apis/cert-manager.io/v1/namespaces/${namespace}`;
  const acme = `/apis/acme.cert-manager.io/v1/namespaces/${namespace}`;
  return {
    certificates: `${certManager}/certificates`,
    requests: `${certManager}/certificaterequests`,
    orders: `${acme}/orders`,
    challenges: `${acme}/challenges`,
  };
};

/** Reads a namespace's issuances as they are since a moment, in milliseconds as Date has them. Errors: `ConnectionError`. */
export const issuances = async (cluster: Connection, namespace: string, since: number): Promise<Issuances> => {
  const { certificates, requests, orders, challenges } = paths(namespace);
  const items = async <T>(path: string): Promise<T[]> =>
    (await cluster.recently<{ items: T[] | null }>(path, since))?.items ?? [];
  const [first, second, third, fourth] = await Promise.all([
    items<CertificateObject>(certificates),
    items<Owned>(requests),
    items<Owned>(orders),
    items<Owned>(challenges),
  ]);
  return { certificates: first, requests: second, orders: third, challenges: fourth };
};

/** Begins an issuance anew, without the time that cert-manager would let pass, as `cmctl renew` does; `message` says who wants it. */
export const issueAnew = async (
  cluster: Connection,
  namespace: string,
  certificate: CertificateObject,
  message: string,
): Promise<void> => {
  const others = certificate.status?.conditions?.filter(({ type }) => type !== "Issuing") ?? [];
  const issuing = {
    type: "Issuing",
    status: "True",
    reason: "ManuallyTriggered",
    message,
    observedGeneration: certificate.metadata.generation,
    lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  };
  await cluster.patch(
    `${paths(namespace).certificates}/${certificate.metadata.name}/status`,
    "application/merge-patch+json",
    { status: { conditions: [...others, issuing] } },
  );
};

/**
 * How far a Certificate is: done once it is Ready as it is now specified, failed once cert-manager has given up for now.
 * https://cert-manager.io/docs/usage/certificate/#reissuance-triggered-by-user-actions
 */
export const lookAt = (name: string, standing: Issuances): Look<CertificateStatus> => {
  const certificate = certificateOf(name, standing);
  if (!certificate) return undefined;
  const { status } = certificate;
  if (status && holds(certificate, "Ready")) return { done: status };
  const failed = failureOf(certificate, standing);
  if (failed !== undefined) return { failed };
  const ready = condition(certificate, "Ready");
  return { waiting: why(certificate, standing) ?? (ready ? inWords(ready) : "cert-manager has not seen it yet") };
};

/** Why the last renewal of a Certificate that is Ready failed; cert-manager forgets a failure with the next success. */
export const renewalFailure = (name: string, standing: Issuances): string | undefined => {
  const certificate = certificateOf(name, standing);
  return certificate && holds(certificate, "Ready") ? failureOf(certificate, standing) : undefined;
};

/** What a renewal of a Certificate that is Ready waits for, while it is under way. */
export const renewalWait = (name: string, standing: Issuances): string | undefined => {
  const certificate = certificateOf(name, standing);
  const isUnderWay = certificate && holds(certificate, "Ready") && condition(certificate, "Issuing")?.status === "True";
  return isUnderWay ? why(certificate, standing) : undefined;
};

/** Why cert-manager has given up for now; undefined while it has not. */
const failureOf = (certificate: CertificateObject, standing: Issuances): string | undefined => {
  const issuing = condition(certificate, "Issuing");
  return issuing?.status === "False" && issuing.reason === "Failed"
    ? (why(certificate, standing) ?? inWords(issuing))
    : undefined;
};

/** A Certificate by its name. */
export const certificateOf = (
  name: string,
  { certificates }: Pick<Issuances, "certificates">,
): CertificateObject | undefined => certificates.find(({ metadata }) => metadata.name === name);

/** Tells a Certificate's failures apart: two may fall into one second. */
export const failureMark = (name: string, standing: Issuances): string => {
  const { lastFailureTime, failedIssuanceAttempts } = certificateOf(name, standing)?.status ?? {};
  return `${lastFailureTime} ${failedIssuanceAttempts}`;
};

/** How far an issuance that was begun anew is; the certificate that stands serves meanwhile. */
export const lookAtRenewal = (name: string, before: Issuances, standing: Issuances): Look<CertificateStatus> => {
  const certificate = certificateOf(name, standing);
  if (!certificate) return undefined;
  const { status = {} } = certificate;
  const failed = failureOf(certificate, standing);
  if (failed !== undefined && failureMark(name, standing) !== failureMark(name, before)) return { failed };
  const isNew = (status.revision ?? 0) > (certificateOf(name, before)?.status?.revision ?? 0);
  if (isNew && condition(certificate, "Issuing")?.status !== "True" && holds(certificate, "Ready"))
    return { done: status };
  return { waiting: why(certificate, standing) ?? "cert-manager has not seen it yet" };
};

/** A certificate that a ClusterIssuer has issued. */
export interface Issued {
  dnsNames: string[];
  /** In milliseconds as Date has them. */
  at: number;
  /** Whether its Certificate had none before. */
  isFirst: boolean;
}

/** What a ClusterIssuer has issued, whichever Certificates of the cluster asked, as far as their requests are kept. Errors: `ConnectionError`. */
export const issuedBy = async (cluster: Connection, issuer: string): Promise<Issued[]> => {
  const items = async <T>(kind: string): Promise<T[]> =>
    (await cluster.get<{ items: T[] | null }>(`/apis/cert-manager.io/v1/${kind}`))?.items ?? [];
  const [certificates, requests] = await Promise.all([
    items<CertificateObject>("certificates"),
    items<Owned>("certificaterequests"),
  ]);
  return requests
    .filter(({ spec }) => spec?.issuerRef?.name === issuer && spec.issuerRef.kind === "ClusterIssuer")
    .filter((request) => condition(request, "Ready")?.status === "True")
    .flatMap((request) => {
      const { creationTimestamp = "", annotations = {} } = request.metadata;
      const isFirst = annotations["cert-manager.io/certificate-revision"] === "1";
      const { dnsNames } = certificates.find((each) => ownedBy(each)(request))?.spec ?? {};
      return dnsNames ? [{ dnsNames, at: Date.parse(creationTimestamp), isFirst }] : [];
    });
};

/** Whether two certificates are for the same names, as Let's Encrypt counts them. */
export const isSameSet = (one: string[], other: string[]): boolean => {
  const exactly = (names: string[]) => [...new Set(names)].sort().join();
  return exactly(one) === exactly(other);
};

/** When exactly these names were issued for, in milliseconds as Date has them. */
export const timesOf = (issued: Issued[], dnsNames: string[]): number[] =>
  issued.filter((each) => isSameSet(each.dnsNames, dnsNames)).map(({ at }) => at);

/** The newest issuance of a Certificate, by owner: its request, its order, and the order's challenges. */
export const trailOf = (
  certificate: CertificateObject,
  { requests, orders, challenges }: Omit<Issuances, "certificates">,
): { request?: Owned; order?: Owned; challenges: Owned[] } => {
  const request = newest(requests.filter(ownedBy(certificate)));
  const order = request && newest(orders.filter(ownedBy(request)));
  return { request, order, challenges: order ? challenges.filter(ownedBy(order)) : [] };
};

/** The deepest object of the chain that says something, in its words; but an order that ended by its own error ended by no challenge's. */
const why = (certificate: CertificateObject, standing: Issuances): string | undefined => {
  const { request, order, challenges } = trailOf(certificate, standing);
  const { state: orderState, reason: orderReason } = order?.status ?? {};
  const orderSays = orderReason && `order ${[orderState, oneLine(orderReason)].filter(Boolean).join(": ")}`;
  if (orderSays && orderState === "errored") return orderSays;
  const open = challenges.filter(({ status }) => status?.state !== "valid");
  const failed = ({ status }: Owned) => ["invalid", "errored", "expired"].includes(status?.state ?? "");
  const challenge =
    open.find(failed) ?? open.find(({ status }) => status?.reason) ?? challenges.find(keepsRecord) ?? open[0];
  const { state: challengeState, reason: challengeReason } = challenge?.status ?? {};
  if (challenge)
    return `challenge ${[challengeState || "pending", oneLine(challengeReason)].filter(Boolean).join(": ")}`;
  if (orderSays) return orderSays;
  const ready = request && condition(request, "Ready");
  return ready && `request ${inWords(ready)}`;
};

/** Whether a challenge is over, and its record cannot be deleted: the next one of the same name, as of an apex and its wildcard, waits for it. */
export const keepsRecord = ({ status: { state = "", reason = "" } = {} }: Owned): boolean =>
  state === "valid" && /cleaning up/i.test(reason);

const ownedBy =
  ({ metadata: { uid } }: Conditioned) =>
  ({ metadata }: Owned): boolean =>
    metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;

const newest = (objects: Owned[]): Owned | undefined =>
  objects.reduce<Owned | undefined>(
    (latest, each) =>
      latest && (latest.metadata.creationTimestamp ?? "") > (each.metadata.creationTimestamp ?? "") ? latest : each,
    undefined,
  );
