import assert from "node:assert/strict";
import { checkCompression, compressionOf } from "../components/compression";
import { versionSets } from "../components/rules/versions";

describe("Compression", () => {
  it("is by each encoding in the order given, for answers of more than a packet", () => {
    assert.deepEqual(compressionOf(["zstd", "br", "gzip"], versionSets.current), {
      compressor: [
        { type: "Zstd", zstd: {}, minContentLength: "1Ki" },
        { type: "Brotli", brotli: {}, minContentLength: "1Ki" },
        { type: "Gzip", gzip: {}, minContentLength: "1Ki" },
      ],
    });
  });

  it("asks Envoy Gateway 1.3 for what it knows", () => {
    assert.equal(checkCompression(["br", "gzip"], versionSets.guide), undefined);
    assert.deepEqual(compressionOf(["br", "gzip"], versionSets.guide), {
      compression: [
        { type: "Brotli", brotli: {} },
        { type: "Gzip", gzip: {} },
      ],
    });
  });

  it("is refused by zstd with Envoy Gateway 1.3", () => {
    assert.equal(checkCompression(["zstd"], versionSets.current), undefined);
    assert.equal(
      checkCompression(["br", "zstd"], versionSets.guide),
      'must be of br and gzip with Envoy Gateway 1.3.3, got "zstd" (take it out, or take versions.set "current")',
    );
  });
});
