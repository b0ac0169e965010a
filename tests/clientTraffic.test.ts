import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ClientTraffic, type ClientTrafficPartArgs, checkClientTraffic } from "../components/clientTraffic";
import { versionSets } from "../components/rules/versions";
import { earlyRequestHeaders } from "../components/trustedProxies";
import { everything } from "./support/clientTraffic";
import { type Deployment, deploy, types } from "./support/deploy";
import { unknownToGuide } from "./support/guideFields";
import { names } from "./support/names";

const namespace = pulumi.output("envoy-gateway");

const run = (args: Partial<ClientTrafficPartArgs> = {}) =>
  deploy(() => {
    new ClientTraffic("client-traffic", { names, namespace, versions: versionSets.current, ...args }, {});
  });

const specOf = (deployment: Deployment, name = "client-traffic") =>
  deployment.only(types.clientTrafficPolicy, name).inputs.spec as Record<string, object>;

/** The spec of the Gateway's policy. */
const spec = async (args?: Partial<ClientTrafficPartArgs>) => specOf(await run(args));

describe("ClientTraffic", () => {
  it("is one policy for the whole Gateway, with every default written down, TLS 1.2 and its suites with forward secrecy among them", async () => {
    assert.deepEqual(await spec(), {
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "eg" }],
      timeout: {
        http: {
          requestHeadersReceivedTimeout: "15s",
          requestReceivedTimeout: "0s",
          streamIdleTimeout: "1h",
          idleTimeout: "1h",
        },
      },
      tcpKeepalive: { idleTime: "3m", interval: "30s", probes: 4 },
      connection: { connectionLimit: { value: 20_000 }, bufferLimit: "256Ki" },
      http1: { http10: { useDefaultHost: false } },
      http2: {
        maxConcurrentStreams: 100,
        initialStreamWindowSize: "4Mi",
        initialConnectionWindowSize: "8192Ki",
      },
      tls: {
        minVersion: "1.2",
        maxVersion: "1.3",
        ciphers: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"],
        signatureAlgorithms: ["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384"],
        ecdhCurves: ["X25519MLKEM768", "X25519", "P-256", "P-384"],
        alpnProtocols: ["h2", "http/1.1"],
      },
      path: { escapedSlashesAction: "KeepUnchanged", disableMergeSlashes: false },
      headers: {
        withUnderscoresAction: "DropHeader",
        host: { stripTrailingHostDot: true },
        earlyRequestHeaders: earlyRequestHeaders(undefined, versionSets.current),
      },
    });
  });

  it("is as the settings say", async () => {
    assert.deepEqual(await spec(everything), {
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "eg" }],
      timeout: {
        http: {
          requestHeadersReceivedTimeout: "5s",
          requestReceivedTimeout: "1m",
          streamIdleTimeout: "10m",
          idleTimeout: "0s",
        },
      },
      tcpKeepalive: { idleTime: "3m", interval: "30s", probes: 4 },
      connection: { connectionLimit: { value: 5 }, bufferLimit: "64Ki" },
      http2: {
        maxConcurrentStreams: 100,
        initialStreamWindowSize: "96Ki",
        initialConnectionWindowSize: "192Ki",
      },
      tls: (await spec()).tls,
      path: { escapedSlashesAction: "RejectRequest", disableMergeSlashes: true },
      headers: {
        withUnderscoresAction: "Allow",
        host: { stripTrailingHostDot: true },
        earlyRequestHeaders: earlyRequestHeaders(undefined, versionSets.current),
      },
    });
  });

  it("serves HTTP/3 when told to", async () => {
    assert.equal("http3" in (await spec()), false);
    assert.equal("http3" in (await spec({ http3: false })), false);
    assert.deepEqual((await spec({ http3: true })).http3, {});
  });

  it("has a second policy for HSTS, which says the same and holds for HTTPS alone", async () => {
    const deployment = await run({ http3: true, hsts: { maxAge: "1 day" } });
    const { targetRefs: _gateway, headers, ...same } = specOf(deployment);
    assert.deepEqual(headers, (await spec()).headers);
    assert.deepEqual(specOf(deployment, "client-traffic-https"), {
      ...same,
      targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "eg", sectionName: "https" }],
      headers: {
        ...headers,
        lateResponseHeaders: { addIfAbsent: [{ name: "Strict-Transport-Security", value: "max-age=86400" }] },
      },
    });
    assert.deepEqual(deployment.only(types.clientTrafficPolicy, "client-traffic-https").parent, [
      "https-edge:index:ClientTraffic",
      "client-traffic",
    ]);
  });

  it("asks Envoy Gateway 1.3 for nothing that it does not know", async () => {
    assert.deepEqual(unknownToGuide("ClientTrafficPolicy", await spec({ versions: versionSets.guide })), []);
    assert.notDeepEqual(unknownToGuide("ClientTrafficPolicy", await spec()), []);
  });

  it("refuses with Envoy Gateway 1.3 what that cannot limit", () => {
    const reason = '(its policies have no such limit: take versions.set "current")';
    assert.deepEqual(checkClientTraffic(everything, versionSets.guide), {
      requestHeadersReceivedTimeout: `must be left out with Envoy Gateway 1.3.3, got "5s" ${reason}`,
      streamIdleTimeout: `must be left out with Envoy Gateway 1.3.3, got "10m" ${reason}`,
    });
    assert.deepEqual(checkClientTraffic({ idleTimeout: "1m" }, versionSets.guide), {});
    assert.deepEqual(checkClientTraffic(everything, versionSets.current), {});
  });

  it("takes the connection's address for the client's, unless proxies are trusted", async () => {
    assert.equal("clientIPDetection" in (await spec()), false);
    const { clientIPDetection, headers } = await spec({ trusted: { hops: 2 } });
    assert.deepEqual(clientIPDetection, { xForwardedFor: { numTrustedHops: 2 } });
    const { earlyRequestHeaders: early } = headers as { earlyRequestHeaders: { remove: string[] } };
    assert.equal(early.remove.includes("X-Forwarded-For"), false);
  });
});
