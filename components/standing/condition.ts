/** Conditions, by which controllers tell how far an object is. */

/** https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  /** Generation of the object that it speaks of. */
  observedGeneration?: number;
}

/** An object with conditions. */
export interface Conditioned {
  metadata: { name: string; uid: string; generation?: number };
  status?: { conditions?: Condition[] };
}

/** A condition of the object as it is now: one of an earlier generation says nothing. */
export const condition = ({ metadata, status }: Conditioned, type: string): Condition | undefined =>
  status?.conditions?.find(
    (each) =>
      each.type === type && (each.observedGeneration === undefined || each.observedGeneration === metadata.generation),
  );

/** Whether a condition is True. */
export const holds = (object: Conditioned, type: string): boolean => condition(object, type)?.status === "True";

/** A condition in words. */
export const inWords = ({ reason, message }: Condition): string =>
  [reason, oneLine(message)?.replace(/\.$/, "")].filter(Boolean).join(": ");

/** A text without line breaks, as a message quotes it. */
export const oneLine = (text: string | undefined): string | undefined => text?.trim().replaceAll(/\s+/g, " ");
