/** The state of a stack with an edge, as `pulumi stack export --show-secrets` tells it; what is not read is left out. */
import { uid } from "./cluster";

const stack = "urn:pulumi:prod::edges";
const edge = "https-edge:index:HttpsEdge";
const cluster = `${stack}::${edge}$https-edge:index:Cluster::edge-cluster`;
const providerType = "pulumi:providers:kubernetes";
const provider = `${stack}::${edge}$https-edge:index:Cluster$${providerType}::edge-cluster`;
const providerId = "6d3e3b27-9a2d-4a39-8bb6-7e7d43a6d7c4";

/** Value of the edge's label. */
export const owner = "acme.edges.prod.edge";

/** A text that the state keeps encrypted. */
export const secret = (value: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const stash = (name: string, output: string) => ({
  urn: `${stack}::${edge}$https-edge:index:Cluster$pulumi:index:Stash::edge-cluster-${name}`,
  type: "pulumi:index:Stash",
  parent: cluster,
  inputs: { input: output },
  outputs: { input: output, output },
});

/** URN of one of the releases. */
export const releaseUrn = (part: string, name: string): string =>
  `${stack}::${edge}$https-edge:index:${part}$kubernetes:helm.sh/v3:Release::${name}`;

const release = (part: string, name: string, inputs: { name: string; namespace: string }) => ({
  urn: releaseUrn(part, name),
  type: "kubernetes:helm.sh/v3:Release",
  id: `${inputs.namespace}/${inputs.name}`,
  provider: `${provider}::${providerId}`,
  inputs,
});

/** The state. `inputs` are those of the Kubernetes provider, none when it was not made yet. */
export const stateOf = (inputs?: Record<string, unknown>) => ({
  version: 3,
  deployment: {
    resources: [
      { urn: `${stack}::pulumi:pulumi:Stack::edges-prod`, type: "pulumi:pulumi:Stack" },
      { urn: `${stack}::${edge}::edge`, type: edge },
      { urn: cluster, type: "https-edge:index:Cluster", parent: `${stack}::${edge}::edge` },
      stash("owner", owner),
      ...(inputs
        ? [
            stash("uid", uid),
            { urn: provider, type: providerType, id: providerId, parent: cluster, inputs },
            release("CertManager", "edge-cert-manager", { name: "cert-manager", namespace: "cert-manager" }),
            release("EnvoyGateway", "edge-envoy-gateway", { name: "eg", namespace: "envoy-gateway-system" }),
            {
              urn: `${stack}::${edge}$https-edge:index:Gateway$kubernetes:gateway.networking.k8s.io/v1:Gateway::edge-gateway`,
              type: "kubernetes:gateway.networking.k8s.io/v1:Gateway",
              id: "envoy-gateway/eg",
              provider: `${provider}::${providerId}`,
            },
          ]
        : []),
    ],
  },
});

/** What the stack has at Cloudflare. */
export const atCloudflare = [
  {
    urn: `${stack}::${edge}$https-edge:index:DnsRecords$cloudflare:index/dnsRecord:DnsRecord::edge-dns-apex`,
    type: "cloudflare:index/dnsRecord:DnsRecord",
    id: "r1",
    outputs: { zoneId: "z1", name: "example.com", type: "A", content: "203.0.113.1" },
  },
  {
    urn: `${stack}::${edge}$https-edge:index:CloudflareToken$cloudflare:index/accountToken:AccountToken::edge-token`,
    type: "cloudflare:index/accountToken:AccountToken",
    id: "t1",
    outputs: { accountId: "a1", name: "https-edge prod 1a2b", value: secret("0123") },
  },
];
