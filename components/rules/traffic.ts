/** What Envoy Gateway's traffic policies take, and how much of it makes sense: https://gateway.envoyproxy.io/docs/api/extension_types/ */
import { bytes } from "./quantities";

/** What becomes of an escaped slash in a path. */
export enum EscapedSlashes {
  KeepUnchanged = "KeepUnchanged",
  RejectRequest = "RejectRequest",
  UnescapeAndForward = "UnescapeAndForward",
  UnescapeAndRedirect = "UnescapeAndRedirect",
}

/** What becomes of a header with an underscore in its name. */
export enum Underscores {
  DropHeader = "DropHeader",
  Allow = "Allow",
  RejectRequest = "RejectRequest",
}

/** Sizes that somebody may choose, in whole numbers of Ki or Mi. */
interface Sizes {
  least: string;
  most: string;
}

const checkSize = (size: string, { least, most }: Sizes): string | undefined =>
  bytesOfWindow(size) >= bytesOfWindow(least) && bytesOfWindow(size) <= bytesOfWindow(most)
    ? undefined
    : `must be a size from ${least} to ${most}, got "${size}" (a whole number of Ki or Mi)`;

/** HTTP/2's own window is the smallest: https://www.rfc-editor.org/rfc/rfc9113#section-6.9.2; what a client may send ahead is held in memory. */
const windows = { least: "64Ki", most: "16Mi" };

/** Bytes of a window; not a number when it is none. */
export const bytesOfWindow = (window: string): number => bytes(window, "Ki", "Mi");

/** What is wrong with a window of HTTP/2. */
export const checkWindow = (window: string): string | undefined => checkSize(window, windows);

/** Envoy reads 16 KiB at a time; its own limit is 1 MiB: https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/flow_control */
const buffers = { least: "16Ki", most: "4Mi" };

/** What a proxy holds of a connection's bytes, for each direction, before it stops reading. Envoy Gateway's 32 KiB make large answers slow. */
export const defaultBufferLimit = "256Ki";

/** What is wrong with that limit. */
export const checkBufferLimit = (size: string): string | undefined => checkSize(size, buffers);
