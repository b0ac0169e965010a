import assert from "node:assert/strict";
import type { HttpsEdgeArgs } from "../components";
import { versionSets } from "../components/rules/versions";
import { crdFiles } from "./support/crdFiles";
import { types } from "./support/deploy";
import { deployEdge } from "./support/edge";

const kinds = Object.fromEntries(Object.entries(types).map(([kind, type]) => [type, kind]));

/** What is registered while a resource is held back, as [kind, name] without parts, CRDs and namespaces. */
const without = async (
  hold: (resource: { type: string; name: string }) => boolean,
  args: Partial<HttpsEdgeArgs> = {},
): Promise<string[]> => {
  const { beforeRelease } = await deployEdge({ landing: {}, whoami: {}, ...args }, { hold });
  return beforeRelease
    .map(([type, name]) => `${kinds[type] ?? "part"} ${name}`)
    .filter((each) => !/^(part|crd|policy|policyBinding|namespace|stash|kubernetes) /.test(each))
    .sort();
};

const token = ["accountToken edge-cloudflare-token", "randomId edge-cloudflare-token", "secret edge-cloudflare-token"];
const issuers = ["clusterIssuer edge-issuers-production", "clusterIssuer edge-issuers-staging"];
const gateway = [
  "backendTrafficPolicy edge-backend-traffic",
  "clientTrafficPolicy edge-client-traffic",
  "envoyProxy edge-proxies",
  "gateway edge-gateway",
];
const envoyGateway = ["gatewayClass edge-envoy-gateway", "release edge-envoy-gateway"];
const certManager = ["release edge-cert-manager"];
const certificate = ["certificate edge-certificate-example.com"];
const dns = [
  "dnsRecord edge-dns-example.com-apex",
  "dnsRecord edge-dns-example.com-wildcard",
  "randomId edge-dns-example.com",
];
const redirect = ["httpRoute edge-redirect", "filter edge-redirect"];
const pages = ["filter edge-landing-apex", "filter edge-landing-unclaimed"];
const whoami = [
  "deployment edge-whoami",
  "networkPolicy edge-whoami",
  "podDisruptionBudget edge-whoami",
  "service edge-whoami",
];

describe("Order", () => {
  const cases: [string, (resource: { type: string; name: string }) => boolean, string[][]][] = [
    [
      "without the CRDs there is no Envoy Gateway and no Gateway, and certificates come all the same",
      ({ type }) => type === types.crd,
      [certManager, token, issuers, certificate],
    ],
    [
      "without one of the CRDs there is no Envoy Gateway either",
      ({ name }) => name === "httproutefilters.gateway.envoyproxy.io",
      [certManager, token, issuers, certificate],
    ],
    [
      "without cert-manager there are no issuers and no certificate, and the Gateway comes all the same",
      ({ type, name }) => type === types.release && name === "edge-cert-manager",
      [certManager, token, envoyGateway, gateway, redirect, pages, dns],
    ],
    [
      "without the token's Secret there are no issuers and no certificate",
      ({ type }) => type === types.secret,
      [certManager, token, envoyGateway, gateway, redirect, pages, dns],
    ],
    [
      "without Envoy Gateway there is nothing that it reads, and certificates come all the same",
      ({ type, name }) => type === types.release && name === "edge-envoy-gateway",
      [certManager, token, issuers, certificate, ["release edge-envoy-gateway"]],
    ],
    [
      "without the Gateway there are no routes and no records, and certificates come all the same",
      ({ type }) => type === types.gateway,
      [certManager, token, issuers, certificate, envoyGateway, gateway],
    ],
    [
      "without the certificate there is HTTP's redirect and DNS, and nothing that answers over HTTPS",
      ({ type }) => type === types.certificate,
      [certManager, token, issuers, certificate, envoyGateway, gateway, redirect, pages, dns],
    ],
  ];
  for (const [what, hold, registered] of cases) {
    it(what, async () => {
      const found = (await without(hold)).filter((each) => !whoami.includes(each));
      assert.deepEqual(found, registered.flat().sort());
    });
  }

  it("rehearses no certificate before cert-manager is there to admit it", async () => {
    const acme = { environment: "production", rehearsal: true } as const;
    const found = await without(({ type, name }) => type === types.release && name === "edge-cert-manager", { acme });
    assert.deepEqual(
      found.filter((each) => each.startsWith("certificate ")),
      [],
    );
  });

  it("keeps a Gateway of Envoy Gateway 1.3 from a certificate that is not there yet, which would turn HTTPS off", async () => {
    const guide = { versions: { set: "guide" }, crds: crdFiles(versionSets.guide) };
    const found = await without(({ type }) => type === types.certificate, guide);
    assert.ok(found.includes("gatewayClass edge-envoy-gateway") && !found.includes("gateway edge-gateway"), `${found}`);
  });

  it("is known to the engine, which deletes in reverse: nothing loses what must clean up after it", async () => {
    const { resources } = await deployEdge({ landing: {}, whoami: {} });
    const before = Object.fromEntries(
      resources.map(({ type, name, dependencies }) => [
        `${kinds[type]} ${name}`,
        dependencies.map(([each, other]) => `${kinds[each]} ${other}`),
      ]),
    );
    for (const [first, then] of [
      ["certificate edge-certificate-example.com", "clusterIssuer edge-issuers-staging"],
      ["clusterIssuer edge-issuers-staging", "release edge-cert-manager"],
      ["clusterIssuer edge-issuers-production", "release edge-cert-manager"],
      ["clusterIssuer edge-issuers-staging", "secret edge-cloudflare-token"],
      ["httpRoute edge-landing-apex", "gateway edge-gateway"],
      ["httpRoute edge-whoami", "gateway edge-gateway"],
      ["httpRoute edge-whoami", "policy edge-hosts-hosts"],
      ["httpRoute edge-whoami", "policyBinding edge-hosts-hosts"],
      ["gateway edge-gateway", "gatewayClass edge-envoy-gateway"],
      ["gateway edge-gateway", "envoyProxy edge-proxies"],
      ["gatewayClass edge-envoy-gateway", "release edge-envoy-gateway"],
      ["envoyProxy edge-proxies", "release edge-envoy-gateway"],
      ["clientTrafficPolicy edge-client-traffic", "release edge-envoy-gateway"],
      ["backendTrafficPolicy edge-backend-traffic", "release edge-envoy-gateway"],
      ["release edge-envoy-gateway", "crd gateways.gateway.networking.k8s.io"],
      ["envoyProxy edge-proxies", "crd envoyproxies.gateway.envoyproxy.io"],
      ["secret edge-cloudflare-token", "accountToken edge-cloudflare-token"],
    ] as const)
      assert.ok(before[first]?.includes(then), `${first} goes before ${then}: ${before[first]}`);
  });
});
