import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { BackendTraffic, type BackendTrafficPartArgs } from "../components/backendTraffic";
import { versionSets } from "../components/rules/versions";
import { deploy, types } from "./support/deploy";
import { unknownToGuide } from "./support/guideFields";
import { names } from "./support/names";

const namespace = pulumi.output("envoy-gateway");

/** The policy's spec. */
const spec = async (args: Partial<BackendTrafficPartArgs> = {}) => {
  const deployment = await deploy(() => {
    new BackendTraffic("backend-traffic", { names, namespace, versions: versionSets.current, ...args }, {});
  });
  const { inputs } = deployment.only(types.backendTrafficPolicy);
  return inputs.spec as object;
};

describe("BackendTraffic", () => {
  it("is one policy for the whole Gateway, with every default written down", async () => {
    assert.deepEqual(await spec(), {
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "eg" }],
      timeout: { tcp: { connectTimeout: "5s" }, http: { requestTimeout: "0s", connectionIdleTimeout: "4s" } },
      circuitBreaker: { maxParallelRequests: 10_000, maxConnections: 10_000, maxPendingRequests: 10_000 },
      connection: { bufferLimit: "256Ki" },
      retry: { numRetries: 5, retryOn: { triggers: ["connect-failure", "refused-stream", "reset-before-request"] } },
    });
  });

  it("is as the settings say", async () => {
    const settings = {
      requestTimeout: "1m",
      connectionIdleTimeout: "30s",
      maxParallelRequests: 7,
      bufferLimit: "1Mi",
      numRetries: 0,
    };
    assert.deepEqual(await spec(settings), {
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "eg" }],
      timeout: { tcp: { connectTimeout: "5s" }, http: { requestTimeout: "1m", connectionIdleTimeout: "30s" } },
      circuitBreaker: { maxParallelRequests: 7, maxConnections: 7, maxPendingRequests: 7 },
      connection: { bufferLimit: "1Mi" },
      retry: { numRetries: 0, retryOn: { triggers: ["connect-failure", "refused-stream", "reset-before-request"] } },
    });
  });

  it("compresses when told to", async () => {
    assert.deepEqual(await spec({ compression: ["gzip"] }), {
      ...(await spec()),
      compressor: [{ type: "Gzip", gzip: {}, minContentLength: "1Ki" }],
    });
  });

  it("asks Envoy Gateway 1.3 for nothing that it does not know", async () => {
    assert.deepEqual(unknownToGuide("BackendTrafficPolicy", await spec({ versions: versionSets.guide })), []);
    assert.deepEqual(unknownToGuide("BackendTrafficPolicy", await spec()), [
      'retry.retryOn.triggers[]: "reset-before-request"',
    ]);
  });
});
