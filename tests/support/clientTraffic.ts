import type { ClientTrafficArgs } from "../../components";

/** Settings of how requests and connections are taken, none with its default. */
export const everything = {
  requestHeadersReceivedTimeout: "5s",
  requestReceivedTimeout: "1m",
  streamIdleTimeout: "10m",
  idleTimeout: "0s",
  connectionLimit: 5,
  bufferLimit: "64Ki",
  initialStreamWindowSize: "96Ki",
  escapedSlashesAction: "RejectRequest",
  mergeSlashes: false,
  withUnderscoresAction: "Allow",
  http10: false,
} satisfies ClientTrafficArgs;
