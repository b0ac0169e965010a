/** Whether a ClusterIssuer has its ACME account. */
import { type Conditioned, condition, holds, inWords } from "./condition";
import type { Connection } from "./connection";
import type { Look } from "./wait";

/** Where a ClusterIssuer is found. */
export const issuerPath = (name: string): string => `/apis/cert-manager.io/v1/clusterissuers/${name}`;

/**
 * How far a ClusterIssuer is. cert-manager does not ask an ACME server again that has refused it with a 4xx status; all other failures it
 * tries again: https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/acme/setup.go
 */
export const lookAt = (issuer: Conditioned | undefined): Look<Conditioned> => {
  if (!issuer) return undefined;
  if (holds(issuer, "Ready")) return { done: issuer };
  const ready = condition(issuer, "Ready");
  if (!ready) return { waiting: "cert-manager has not seen it yet" };
  return /\b4\d\d urn:ietf:params:acme:error:/.test(ready.message ?? "")
    ? { failed: inWords(ready) }
    : { waiting: inWords(ready) };
};

/**
 * Has cert-manager ask the ACME server again, as any change of the issuer does: by itself it lets more time pass after each failure, up to five
 * minutes, though the server may be back.
 */
export const askAgain = async (cluster: Connection, { metadata, status }: Conditioned): Promise<void> => {
  const asked = { reason: "ManuallyTriggered", message: "pulumi up has the ACME server asked again" };
  const conditions = status?.conditions?.map((each) => (each.type === "Ready" ? { ...each, ...asked } : each));
  await cluster.patch(`${issuerPath(metadata.name)}/status`, "application/merge-patch+json", {
    status: { conditions },
  });
};
