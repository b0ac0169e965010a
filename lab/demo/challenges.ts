/** The ACME challenges of the demo. They take most of its time. */
import { CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { milliseconds } from "../../components/rules/durations";
import { kubeconfig } from "../layout";
import type { Awaited } from "./screen";

/** What the demo reads of a Challenge: https://cert-manager.io/docs/reference/api-docs/#acme.cert-manager.io/v1.Challenge */
export interface Challenge {
  spec: { dnsName: string; wildcard?: boolean; solver: { waitInsteadOfSelfCheck?: string } };
  status?: { state?: string; processing?: boolean; presentedAt?: string; reason?: string };
}

/** Reads the cluster's challenges. Rejects while the cluster does not answer or has no cert-manager yet. */
export const readChallenges = async (): Promise<Challenge[]> => {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const kind = { group: "acme.cert-manager.io", version: "v1", resourcePlural: "challenges" };
  const list: { items: Challenge[] } = await config
    .makeApiClient(CustomObjectsApi)
    .listCustomObjectForAllNamespaces(kind);
  return list.items;
};

const ended = ["valid", "invalid", "expired", "errored"];

/** The challenge that cert-manager works on, the seconds that it still waits, and the challenges after it. Undefined when none is open. */
export const awaitedChallenge = (challenges: Challenge[], now: number): Awaited | undefined => {
  const open = challenges.filter(({ status }) => !ended.includes(status?.state ?? ""));
  const current = open.find(({ status }) => status?.processing) ?? open[0];
  if (!current) return undefined;
  const { spec, status } = current;
  const later = open.filter((each) => each !== current).map(nameOf);
  const then = later.length > 2 ? `then ${later.length} others` : `then ${later.join(", ")}`;
  const named = `${nameOf(current)}${later.length > 0 ? ` (${then})` : ""}`;
  const reason = status?.reason ? `: ${status.reason}` : "";
  const wait = spec.solver.waitInsteadOfSelfCheck;
  if (!status?.presentedAt) return { what: `cert-manager to write the challenge record of ${named}${reason}` };
  if (!wait) return { what: `cert-manager to see the challenge record of ${named}${reason}` };
  const left = Math.ceil((Date.parse(status.presentedAt) + milliseconds(wait) - now) / 1_000);
  return left > 0
    ? { what: `the challenge of ${named}`, time: `${left} s left` }
    : { what: `Let's Encrypt to validate ${named}` };
};

const nameOf = ({ spec }: Challenge): string => `${spec.wildcard ? "*." : ""}${spec.dnsName}`;
