/** What Let's Encrypt does wrong on demand. */
import { z } from "zod";
import { anyFault } from "../../faults";

export const AcmeFaultList = z.array(
  z.strictObject({
    ...anyFault,
    /** The problem's type without its prefix, `serverInternal` unless given: https://www.rfc-editor.org/rfc/rfc8555#section-6.7 */
    type: z.string().optional(),
    detail: z.string().optional(),
  }),
);

export type AcmeFault = z.infer<typeof AcmeFaultList>[number];
