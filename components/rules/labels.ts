/** Labels of an object as users give them. */
import { z } from "zod";
import { checkAnnotationKey } from "./checks";
import * as limits from "./limits";

/** What is wrong with the value of a label: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export const checkLabelValue = (value: string): string | undefined =>
  value.length <= limits.kubernetes.labelValue && /^([A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)?$/.test(value)
    ? undefined
    : `must have a value such as kube-prometheus-stack, got "${value}" (at most ${limits.kubernetes.labelValue} letters, digits, "-", "_" and ".", the first and last a letter or digit)`;

/** A setting of labels, as the API server would judge them. */
export const labelsSetting = z.record(z.string(), z.string()).superRefine((labels, context) => {
  const problem =
    Object.keys(labels).map(checkAnnotationKey).find(Boolean) ??
    Object.values(labels).map(checkLabelValue).find(Boolean);
  if (problem) context.addIssue({ code: "custom", message: problem });
});
