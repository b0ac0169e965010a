/** Annotations of a Service as users give them. */
import { z } from "zod";
import { checkAnnotationKey, checkAnnotationsSize } from "./checks";

/** A setting of annotations, as the API server would judge them. */
export const annotationsSetting = z.record(z.string(), z.string()).superRefine((annotations, context) => {
  const problem = Object.keys(annotations).map(checkAnnotationKey).find(Boolean) ?? checkAnnotationsSize(annotations);
  if (problem) context.addIssue({ code: "custom", message: problem });
});
