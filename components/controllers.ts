/** How the controllers run: Envoy Gateway and cert-manager. */
import { z } from "zod";
import { budget, spread } from "./rules/availability";
import { checkPriorityClass } from "./rules/checks";
import { text } from "./rules/problems";

/** How Envoy Gateway and cert-manager run. */
export interface ControllersArgs {
  /**
   * Pods of Envoy Gateway and of cert-manager's webhook. With one, a node that is lost leaves the proxies without news of applications' pods,
   * and the API server without an answer on certificates, until its pods start elsewhere.
   * @default 2
   */
  replicas?: number;
  /**
   * PriorityClass of all their pods, which must exist; cert-manager recommends `system-cluster-critical`.
   * @default - the cluster's default
   */
  priorityClass?: string;
}

/** The setting `controllers`. */
export const controllersSetting = z.strictObject({
  replicas: z.int().min(1).max(10).optional(),
  priorityClass: text(checkPriorityClass).optional(),
} satisfies { [K in keyof Required<ControllersArgs>]: z.ZodType });

/** Pods that answer others, as both charts' values have it: how many, where, and with what budget. */
export const answering = ({ replicas = 2 }: ControllersArgs, labels: Record<string, string>) => ({
  replicas,
  topologySpreadConstraints: spread(labels),
  // Over a single pod one would block every drain of its node, or be no use.
  budget: replicas > 1 ? { maxUnavailable: budget.maxUnavailable } : undefined,
});
