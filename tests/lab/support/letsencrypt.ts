/** The lab's Let's Encrypt, both environments of it. */
import { type AcmeFault, acmeControlUrl } from "../../../lab";
import { control, failing } from "./control";

/** Lets requests to it fail while `during` runs. */
export const withAcmeFaults = (faults: AcmeFault[], during: () => Promise<void>): Promise<void> =>
  failing(acmeControlUrl, faults, during);

/** Those that no request has met yet. */
export const acmeFaults = (): Promise<AcmeFault[]> => control<AcmeFault[]>(acmeControlUrl, "/faults");
