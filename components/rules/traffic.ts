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

/** HTTP/2's own window is the smallest: https://www.rfc-editor.org/rfc/rfc9113#section-6.9.2; what a client may send ahead is held in memory. */
const windows = { least: "64Ki", most: "16Mi" };

/** Bytes of a window; not a number when it is none. */
export const bytesOfWindow = (window: string): number => bytes(window, "Ki", "Mi");

/** What is wrong with a window of HTTP/2. */
export const checkWindow = (window: string): string | undefined =>
  bytesOfWindow(window) >= bytesOfWindow(windows.least) && bytesOfWindow(window) <= bytesOfWindow(windows.most)
    ? undefined
    : `must be a size from ${windows.least} to ${windows.most}, got "${window}" (a whole number of Ki or Mi)`;
