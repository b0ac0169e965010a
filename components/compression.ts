/** Compression of the applications' answers on their way to the client. */
import { z } from "zod";
import { compressesWithZstd, type VersionSet } from "./rules/versions";

/** An encoding, by its name in Accept-Encoding: https://www.iana.org/assignments/http-parameters/http-parameters.xhtml#content-coding */
export type Encoding = "br" | "gzip" | "zstd";

/** What Envoy Gateway calls it. */
const compressors = {
  br: { type: "Brotli", brotli: {} },
  gzip: { type: "Gzip", gzip: {} },
  zstd: { type: "Zstd", zstd: {} },
} satisfies Record<Encoding, object>;

/** The setting `backendTraffic.compression`. */
export const compressionSetting = z
  .array(z.enum(["br", "gzip", "zstd"] satisfies Encoding[]))
  .min(1)
  .superRefine((encodings, context) => {
    const twice = encodings.find((each, index) => encodings.indexOf(each) !== index);
    if (twice)
      context.addIssue({ code: "custom", message: `must name each encoding once, got "${twice}" twice (remove one)` });
  });

/** What is wrong with the encodings beside the versions. */
export const checkCompression = (encodings: Encoding[], versions: VersionSet): string | undefined =>
  encodings.includes("zstd") && !compressesWithZstd(versions)
    ? `must be of br and gzip with Envoy Gateway ${versions.envoyGateway}, got "zstd" (take it out, or take versions.set "current")`
    : undefined;

/** Answers that fit into one packet gain nothing. */
const minContentLength = "1Ki";

/** The fields of the policy. Before zstd came, Envoy Gateway had another field, and took neither an order nor a size. */
export const compressionOf = (encodings: Encoding[], versions: VersionSet): object =>
  compressesWithZstd(versions)
    ? { compressor: encodings.map((each) => ({ ...compressors[each], minContentLength })) }
    : { compression: encodings.map((each) => compressors[each]) };
