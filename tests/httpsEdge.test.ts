import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { HttpsEdge, type HttpsEdgeArgs } from "../components";
import { cloudflareRanges } from "../components/rules/cloudflareRanges";
import { functions, zones } from "./support/cloudflare";
import { type Deployment, deploy, settled, types } from "./support/deploy";
import { crds, deployEdge, edge } from "./support/edge";

const part = (kind: string) => `https-edge:index:${kind}`;

/** [kind, name] of each part, and under it what it makes; the CRDs' own test lists theirs. */
const tree = ({ resources }: Deployment): Record<string, string[]> => {
  const shown = resources.filter(({ parent }) => parent?.[0] !== part("Crds"));
  const parts = shown.filter(({ type }) => type.startsWith("https-edge:"));
  const short = ({ type, name }: { type: string; name: string }) => `${type.split(":").pop()} ${name}`;
  const under = (type: string, name: string) =>
    shown.filter(({ parent }) => parent?.[0] === type && parent[1] === name);
  return Object.fromEntries(parts.map((each) => [short(each), under(each.type, each.name).map(short).sort()]));
};

const smallest = {
  "HttpsEdge edge": [
    "BackendTraffic edge-backend-traffic",
    "CertManager edge-cert-manager",
    "Certificate edge-certificate-example.com",
    "ClientTraffic edge-client-traffic",
    "CloudflareToken edge-cloudflare-token",
    "Cluster edge-cluster",
    "Crds edge-crds",
    "DnsRecords edge-dns-example.com",
    "EnvoyGateway edge-envoy-gateway",
    "Gateway edge-gateway",
    "Guard edge-guard",
    "Hosts edge-hosts",
    "Issuers edge-issuers",
    "Namespace edge-gateway",
    "Proxies edge-proxies",
    "Redirect edge-redirect",
    "Serving edge-serving",
    "TokenProof edge-token-proof",
  ],
  "BackendTraffic edge-backend-traffic": ["BackendTrafficPolicy edge-backend-traffic"],
  "ClientTraffic edge-client-traffic": ["ClientTrafficPolicy edge-client-traffic"],
  "CertManager edge-cert-manager": ["Namespace edge-cert-manager", "Release edge-cert-manager"],
  "Certificate edge-certificate-example.com": ["Certificate edge-certificate-example.com"],
  "CloudflareToken edge-cloudflare-token": [
    "AccountToken edge-cloudflare-token",
    "RandomId edge-cloudflare-token",
    "Secret edge-cloudflare-token",
  ],
  "Cluster edge-cluster": ["Stash edge-cluster-owner", "Stash edge-cluster-uid", "kubernetes edge-cluster"],
  "Crds edge-crds": [],
  "DnsRecords edge-dns-example.com": [
    "DnsRecord edge-dns-example.com-apex",
    "DnsRecord edge-dns-example.com-wildcard",
    "RandomId edge-dns-example.com",
  ],
  "EnvoyGateway edge-envoy-gateway": [
    "GatewayClass edge-envoy-gateway",
    "Namespace edge-envoy-gateway",
    "Release edge-envoy-gateway",
  ],
  "Gateway edge-gateway": ["Gateway edge-gateway"],
  "Guard edge-guard": [
    "ConfigMap edge-guard",
    "ValidatingAdmissionPolicy edge-guard",
    "ValidatingAdmissionPolicyBinding edge-guard",
  ],
  "Hosts edge-hosts": ["content", "hosts", "kinds"]
    .flatMap((each) => [
      `ValidatingAdmissionPolicy edge-hosts-${each}`,
      `ValidatingAdmissionPolicyBinding edge-hosts-${each}`,
    ])
    .sort(),
  "Issuers edge-issuers": [
    "ClusterIssuer edge-issuers-production",
    "ClusterIssuer edge-issuers-staging",
    "ValidatingAdmissionPolicy edge-issuers-challenges",
    "ValidatingAdmissionPolicyBinding edge-issuers-challenges",
  ],
  "Proxies edge-proxies": ["EnvoyProxy edge-proxies"],
  "Redirect edge-redirect": ["HTTPRoute edge-redirect", "HTTPRouteFilter edge-redirect"],
  "Serving edge-serving": [],
  "TokenProof edge-token-proof": [],
};

const landing = [
  "HTTPRoute edge-landing-apex",
  "HTTPRoute edge-landing-unclaimed",
  "HTTPRouteFilter edge-landing-apex",
  "HTTPRouteFilter edge-landing-unclaimed",
];
const whoami = [
  "Deployment edge-whoami",
  "HttpsRoute edge-whoami",
  "Namespace edge-whoami",
  "NetworkPolicy edge-whoami",
  "PodDisruptionBudget edge-whoami",
  "Service edge-whoami",
];

describe("HTTPS edge", () => {
  it("of a domain is sixteen parts, each with its own under it", async () => {
    const deployment = await deployEdge();
    assert.deepEqual(tree(deployment), smallest);
    assert.deepEqual(
      deployment.resources.filter(({ parent }) => !parent).map(({ type, name }) => [type, name]),
      [[part("HttpsEdge"), "edge"]],
    );
  });

  it("has a landing page and a first application when asked", async () => {
    const deployment = await deployEdge({ landing: {}, whoami: {} });
    assert.deepEqual(tree(deployment), {
      ...smallest,
      "HttpsEdge edge": [...smallest["HttpsEdge edge"], "Landing edge-landing", "Whoami edge-whoami"].sort(),
      "Landing edge-landing": landing,
      "Whoami edge-whoami": whoami,
      "HttpsRoute edge-whoami": ["HTTPRoute edge-whoami"],
    });
  });

  it("serves several domains of two zones through one Gateway, with one token and one lookup a zone", async () => {
    const domains = [{ name: "example.com" }, { name: "eu.example.com", zone: "example.com" }, { name: "example.org" }];
    const deployment = await deployEdge({ domains });
    const of = (type: string) => deployment.resources.filter((resource) => resource.type === type);
    assert.deepEqual(
      of(types.certificate)
        .map(({ name }) => name)
        .sort(),
      ["edge-certificate-eu.example.com", "edge-certificate-example.com", "edge-certificate-example.org"],
    );
    const { "example.com": com, "example.org": org } = zones;
    assert.deepEqual(
      of(types.dnsRecord)
        .map(({ inputs: { name, zoneId } }) => [name, zoneId])
        .sort(),
      [
        ["*.eu.example.com", com],
        ["*.example.com", com],
        ["*.example.org", org],
        ["eu.example.com", com],
        ["example.com", com],
        ["example.org", org],
      ],
    );
    for (const function_ of [functions.zone, functions.records])
      assert.equal(deployment.calls.filter(({ token }) => token === function_).length, 2);
    const { name, policies } = deployment.only(types.accountToken).inputs as {
      name: string;
      policies: { resources: string }[];
    };
    assert.equal(name, "https-edge example.com c0ffee00");
    assert.deepEqual(
      policies.map(({ resources }) => Object.keys(JSON.parse(resources))),
      [[com, org].map((id) => `com.cloudflare.api.account.zone.${id}`)],
    );
    for (const { inputs } of of(types.clusterIssuer)) {
      const { acme } = inputs.spec as { acme: { solvers: { selector: object }[] } };
      assert.deepEqual(
        acme.solvers.map(({ selector }) => selector),
        [{ dnsZones: ["example.com", "example.org"] }],
      );
    }
    const { spec } = deployment.only(types.gateway).inputs as {
      spec: { listeners: { tls?: { certificateRefs: { name: string }[] } }[] };
    };
    assert.deepEqual(
      spec.listeners.flatMap(({ tls }) => tls?.certificateRefs.map((ref) => ref.name) ?? []),
      ["wildcard-example-com-tls", "wildcard-eu-example-com-tls", "wildcard-example-org-tls"],
    );
    assert.deepEqual(edge.urls, ["https://example.com", "https://eu.example.com", "https://example.org"]);
  });

  it("has for each account that domains name a token, a Secret and a solver of its own", async () => {
    const accountId = "b".repeat(32);
    const domains = [{ name: "example.com" }, { name: "example.org", accountId }];
    const deployment = await deployEdge({ domains });
    const of = (type: string) => deployment.resources.filter((each) => each.type === type);
    const names = [`edge-cloudflare-token`, `edge-cloudflare-token-${accountId}`];
    const [first, second] = ["example.com", "example.org"].map((zone) => zones[zone]);
    assert.deepEqual(
      of(types.accountToken).map(({ name, inputs }) => [
        name,
        inputs.accountId,
        (inputs.policies as { resources: string }[]).map(({ resources }) => resources),
      ]),
      [
        [names[0], "a".repeat(32), [`{"com.cloudflare.api.account.zone.${first}":"*"}`]],
        [names[1], accountId, [`{"com.cloudflare.api.account.zone.${second}":"*"}`]],
      ],
    );
    const secrets = ["cloudflare-api-token", `cloudflare-api-token.${accountId}`];
    assert.deepEqual(
      of(types.secret).map(({ inputs }) => (inputs.metadata as { name: string }).name),
      secrets,
    );
    for (const { inputs } of of(types.clusterIssuer)) {
      const { acme } = inputs.spec as { acme: { solvers: { selector: object; dns01: object }[] } };
      assert.deepEqual(
        acme.solvers.map(({ selector, dns01 }) => [selector, dns01]),
        secrets.map((name, index) => [
          { dnsZones: [["example.com", "example.org"][index]] },
          { cloudflare: { apiTokenSecretRef: { name, key: "api-token" } } },
        ]),
      );
    }
    for (const { dependencies } of of(types.clusterIssuer))
      assert.deepEqual(
        dependencies.filter(([type]) => type === types.secret).map(([, name]) => name),
        names,
      );
  });

  it("takes its certificates from another server when told to, renewed as its profile asks", async () => {
    const server = { url: "https://ca.company.example/acme/acme/directory" };
    const deployment = await deployEdge({ acme: { server, profile: "shortlived" } });
    const { metadata } = deployment.only(types.clusterIssuer).inputs as { metadata: { name: string } };
    const { spec } = deployment.only(types.certificate).inputs as {
      spec: { issuerRef: { name: string }; renewBeforePercentage: number };
    };
    assert.deepEqual([spec.issuerRef.name, spec.renewBeforePercentage], [metadata.name, 50]);
  });

  it("goes from staging to production by the Certificate's issuer and nothing else", async () => {
    const both = { landing: {}, whoami: {} };
    const staging = await deployEdge(both);
    const production = await deployEdge({ ...both, acme: { environment: "production" } });
    const byName = ({ resources }: Deployment) =>
      resources.map(({ dependencies: _, ...each }) => [`${each.type} ${each.name}`, each]).sort();
    const { spec } = staging.only(types.certificate).inputs as { spec: { issuerRef: object } };
    assert.deepEqual(spec.issuerRef, { name: "letsencrypt-staging", kind: "ClusterIssuer" });
    spec.issuerRef = { name: "letsencrypt-prod", kind: "ClusterIssuer" };
    assert.deepEqual(byName(production), byName(staging));
  });

  it("gives up on a custom resource that is not gone a minute after it was deleted", async () => {
    const { resources } = await deployEdge({ landing: {}, whoami: {} });
    const custom = resources.filter(({ type }) => /^kubernetes:(cert-manager\.io|gateway\.)/.test(type));
    assert.ok(custom.length > 0);
    for (const { name, options } of custom) assert.equal(options.deleteTimeout, "1m", name);
  });

  it("passes its arguments to the parts they are for", async () => {
    const args: Partial<HttpsEdgeArgs> = {
      cloudflare: { accountId: "a".repeat(32), dnsToken: undefined, mintingToken: pulumi.secret("minting-".repeat(5)) },
      acme: { waitInsteadOfSelfCheck: "selfCheck" },
      gateway: { replicas: 3 },
    };
    const deployment = await deployEdge(args);
    assert.equal(deployment.only(types.accountToken).provider, "edge-cloudflare-token-minting");
    assert.match(JSON.stringify(deployment.only(types.envoyProxy).inputs), /"replicas":3/);
    assert.doesNotMatch(
      JSON.stringify(deployment.only(types.clusterIssuer, "edge-issuers-staging").inputs),
      /waitInsteadOfSelfCheck/,
    );
  });

  it("shows no secret outside of what must hold one", async () => {
    const { resources } = await deployEdge({ cloudflare: { mintingToken: pulumi.secret("minting-secret".repeat(3)) } });
    for (const { inputs, secrets } of resources) {
      const open = Object.fromEntries(Object.entries(inputs).filter(([key]) => !secrets.includes(key)));
      assert.doesNotMatch(JSON.stringify(open), /minted-|minting-secret/);
    }
  });

  it("tells where it answers, and what a route attaches to", async () => {
    const addresses = [{ type: "Hostname", value: "lb.cloud.example" }];
    await deployEdge({}, { says: ({ kind }) => (kind === "Gateway" ? { addresses } : undefined) });
    assert.deepEqual(edge.urls, ["https://example.com"]);
    assert.deepEqual(await settled(edge.addresses), [{ type: "Hostname", value: "lb.cloud.example" }]);
    assert.deepEqual(await settled(edge.https.parentRef), {
      name: "eg",
      namespace: "envoy-gateway",
      sectionName: "https",
    });
  });

  it("believes Cloudflare, and lets in nobody else, where its proxy is all that stands in front", async () => {
    const args = { cloudflare: { proxied: true }, trustedProxies: { cloudflare: true, only: true } };
    const deployment = await deployEdge(args);
    assert.equal(deployment.only(types.dnsRecord, "edge-dns-example.com-apex").inputs.proxied, true);
    const policy = deployment.only(types.clientTrafficPolicy).inputs.spec as { clientIPDetection: object };
    assert.deepEqual(policy.clientIPDetection, { customHeader: { name: "CF-Connecting-IP", failClosed: true } });
    const { spec } = deployment.only(types.envoyProxy).inputs as {
      spec: { provider: { kubernetes: { envoyService: object } } };
    };
    assert.deepEqual(spec.provider.kubernetes.envoyService, { loadBalancerSourceRanges: cloudflareRanges });
  });

  it("believes Cloudflare where its proxy stands in front, without a word of trusted proxies", async () => {
    const { inputs } = (await deployEdge({ cloudflare: { proxied: true } })).only(types.clientTrafficPolicy);
    const { clientIPDetection } = inputs.spec as { clientIPDetection: object };
    assert.deepEqual(clientIPDetection, { xForwardedFor: { trustedCIDRs: cloudflareRanges } });
  });

  it("rejects a Kubernetes provider in place of the cluster that it leads to", () =>
    assert.rejects(
      deploy(() => {
        const kubernetes = new k8s.Provider("mine", { context: "elsewhere" });
        new HttpsEdge("edge", { domains: [{ name: "example.com" }] }, { providers: { kubernetes } });
      }),
      /cluster must say where the edge stands, got a Kubernetes provider instead/,
    ));

  it("rejects wrong arguments, every problem at once, before anything is registered", async () => {
    const made: string[] = [];
    const outputs = ({ name }: { name: string }) => ({ order: made.push(name) });
    const wrong = { domains: [{ name: "*.example.com" }], gateway: { replicas: 0 }, typo: 1 };
    await assert.rejects(deployEdge(wrong as Partial<HttpsEdgeArgs>, { outputs }), {
      message:
        /^3 settings are wrong; nothing was changed:\n {2}domains\[0\]\.name .*\n {2}gateway\.replicas .*\n {2}typo /,
    });
    assert.deepEqual(made, []);
  });

  it("tells all that is out of reach at once, a line each, before anything is made", async () => {
    const made: string[] = [];
    const outputs = ({ type, name }: { type: string; name: string }) => {
      if (!/^(https-edge|pulumi):/.test(type)) made.push(name);
      return undefined;
    };
    const answer = (token: string) => {
      if (token.endsWith(":getZone")) throw new Error("no such host");
      return undefined;
    };
    const silent = ["quay.io", "registry-1.docker.io"];
    await assert.rejects(
      deployEdge({ crds: { ...crds, gatewayApi: "/nowhere/crds.yaml" } }, { outputs, answer, silent }),
      ({ message }: Error) => {
        const lines = message.split("\n").filter((line) => / must /.test(line));
        assert.deepEqual(lines.map((line) => line.replace(/ must .*/, "")).sort(), [
          "chart oci://docker.io/envoyproxy/gateway-helm v1.9.1",
          "chart oci://quay.io/jetstack/charts/cert-manager v1.21.2",
          "cloudflare:apiToken (or CLOUDFLARE_API_TOKEN)",
          "crds.gatewayApi",
        ]);
        return true;
      },
    );
    assert.deepEqual(made, []);
  });
});
