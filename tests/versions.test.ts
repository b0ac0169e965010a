import assert from "node:assert/strict";
import {
  checkVersions,
  envoyGatewayFile,
  gatewayApiFile,
  hasSafeUpgradePolicy,
  isAtLeast,
  line,
  type VersionSet,
  versionSets,
  versionsOf,
  versionsSetting,
} from "../components/rules/versions";

const { current, guide } = versionSets;

describe("Versions", () => {
  for (const [name, versions] of Object.entries(versionSets)) {
    it(`go together in the set ${name}, which can be named`, () => {
      assert.deepEqual(versionsSetting.parse({ set: name }), { set: name });
      assert.equal(checkVersions(versions), undefined);
    });
  }

  const accepted: [string, VersionSet][] = [
    ["a later patch", { ...current, envoyGateway: "1.9.7", gatewayApi: "1.6.3", certManager: "1.21.9" }],
    ["another supported line of cert-manager", { ...current, certManager: "1.20.3" }],
  ];
  for (const [what, versions] of accepted) {
    it(`accept ${what}`, () => assert.equal(checkVersions(versions), undefined));
  }

  const rejected: [string, VersionSet, string][] = [
    [
      "an Envoy Gateway of an unknown line",
      { ...current, envoyGateway: "1.4.0" },
      'must name an Envoy Gateway of a known line, got "1.4.0" (known: 1.9, 1.3)',
    ],
    [
      "a Gateway API that Envoy Gateway is not built against",
      { ...current, gatewayApi: "1.2.1" },
      "must go together, got Envoy Gateway 1.9.1 with Gateway API 1.2.1 (Envoy Gateway 1.9 is built against Gateway API 1.6: change both or neither)",
    ],
    [
      "a cert-manager of an unsupported line",
      { ...current, certManager: "1.19.4" },
      'must name a cert-manager of a supported line, got "1.19.4" (supported: 1.21, 1.20)',
    ],
    [
      "cert-manager 1.21.0",
      { ...current, certManager: "1.21.0" },
      'must name a cert-manager with its fixes, got "1.21.0" (1.21.0 leaves an issuer unready when its Secret comes later; take 1.21.1 or later)',
    ],
    [
      "a cert-manager with a known hole",
      { ...guide, certManager: "1.20.2" },
      `must name a cert-manager with its fixes, got "1.20.2" (older patches let namespace editors use the issuer's credentials (GHSA-8rvj-mm4h-c258); take 1.20.3 or later)`,
    ],
  ];
  for (const [what, versions, fault] of rejected) {
    it(`rejects ${what}`, () => assert.equal(checkVersions(versions), fault));
  }

  it("have a line of two numbers", () => assert.equal(line("1.20.3"), "1.20"));

  for (const [version, than, is] of [
    ["1.21.2", "1.21", true],
    ["1.20.9", "1.21", false],
    ["1.9.1", "1.21", false],
    ["2.0.0", "1.21", true],
    ["0.99.0", "1.21", false],
  ] as const) {
    it(`${version} is ${is ? "" : "not "}at least ${than}`, () => assert.equal(isAtLeast(version, than), is));
  }
});

const envoyGatewayPlurals = [
  "backends",
  "backendtrafficpolicies",
  "clienttrafficpolicies",
  "envoyextensionpolicies",
  "envoypatchpolicies",
  "envoyproxies",
  "httproutefilters",
  "securitypolicies",
];

describe("CRD files", () => {
  it("of the current set are the releases' own", () => {
    assert.deepEqual(gatewayApiFile(current), {
      locations: ["https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.6.3/standard-install.yaml"],
      group: "gateway.networking.k8s.io",
      plurals: [
        "backendtlspolicies",
        "gatewayclasses",
        "gateways",
        "grpcroutes",
        "httproutes",
        "listenersets",
        "referencegrants",
        "tcproutes",
        "tlsroutes",
        "udproutes",
      ],
    });
    assert.deepEqual(envoyGatewayFile(current), {
      locations: ["https://github.com/envoyproxy/gateway/releases/download/v1.9.1/envoy-gateway-crds.yaml"],
      group: "gateway.envoyproxy.io",
      plurals: envoyGatewayPlurals,
    });
  });

  it("of the guide's set come one by one from Envoy Gateway's chart", () => {
    const { plurals } = gatewayApiFile(guide);
    assert.deepEqual(plurals, ["gatewayclasses", "gateways", "grpcroutes", "httproutes", "referencegrants"]);
    assert.deepEqual(
      envoyGatewayFile(guide).locations,
      envoyGatewayPlurals.map(
        (plural) =>
          `https://raw.githubusercontent.com/envoyproxy/gateway/v1.3.3/charts/gateway-helm/crds/generated/gateway.envoyproxy.io_${plural}.yaml`,
      ),
    );
  });

  it("bring a policy against downgrades from Gateway API 1.5 on", () => {
    assert.equal(hasSafeUpgradePolicy(current), true);
    assert.equal(hasSafeUpgradePolicy({ ...current, gatewayApi: "1.5.0" }), true);
    assert.equal(hasSafeUpgradePolicy(guide), false);
  });

  it("put single versions over those of the set, the newest by default", () => {
    assert.deepEqual(versionsOf(), current);
    assert.deepEqual(versionsOf({ set: "guide" }), guide);
    assert.deepEqual(versionsOf({ certManager: "1.21.3", gatewayApi: undefined }), {
      ...current,
      certManager: "1.21.3",
    });
  });
});
