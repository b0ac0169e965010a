/** A healthy edge as its cluster and the internet tell of it, of which tests change what they are about. */
import type { Outside } from "../../operations/outside";
import type { StandingEdge } from "../../operations/standingEdge";

const now = Date.parse("2026-11-28T12:00:00Z");
export const ends = "2027-02-24T12:00:00Z";
export const address = "203.0.113.7";

const yes = (...types: string[]) => types.map((type) => ({ type, status: "True", observedGeneration: 1 }));

/** A condition that does not hold, in the controller's words. */
export const no = (type: string, reason: string, message: string) => [
  { type, status: "False", reason, message, observedGeneration: 1 },
];

const metadata = (name: string, namespace?: string) => ({ name, namespace, uid: `uid-of-${name}`, generation: 1 });

const deployment = (name: string, namespace: string, has = 1) => ({
  metadata: metadata(name, namespace),
  spec: {
    replicas: has,
    selector: { matchLabels: { app: name } },
    template: {
      spec: { containers: [{ image: `registry/${name}:v1.9.1`, args: ["--cluster-resource-namespace=cert-manager"] }] },
    },
  },
  status: { availableReplicas: has },
});

const policy = (kind: string): StandingEdge["policies"][number] => ({
  kind,
  metadata: metadata("eg", "envoy-gateway"),
  spec: { targetRefs: [{ kind: "Gateway", name: "eg" }] },
  status: { ancestors: [{ ancestorRef: { name: "eg" }, conditions: yes("Accepted") }] },
});

/** All of it new each time, so that a test can change what it likes. */
export const healthyEdge = (): StandingEdge => ({
  gateway: {
    metadata: metadata("eg", "envoy-gateway"),
    spec: {
      gatewayClassName: "eg",
      listeners: [
        { name: "http", protocol: "HTTP", port: 80 },
        { name: "https", protocol: "HTTPS", port: 443, tls: { certificateRefs: [{ name: "wildcard-example-com" }] } },
      ],
    },
    status: {
      addresses: [{ type: "IPAddress", value: address }],
      conditions: yes("Accepted", "Programmed"),
      listeners: ["http", "https"].map((name) => ({
        name,
        attachedRoutes: 1,
        conditions: yes("Accepted", "ResolvedRefs", "Programmed"),
      })),
    },
  },
  gatewayClass: { metadata: metadata("eg"), status: { conditions: yes("Accepted") } },
  chain: {
    certificates: [
      {
        metadata: metadata("wildcard-example-com", "envoy-gateway"),
        spec: {
          secretName: "wildcard-example-com",
          dnsNames: ["example.com", "*.example.com"],
          issuerRef: { kind: "ClusterIssuer", name: "letsencrypt-prod" },
        },
        status: { notAfter: ends, renewalTime: "2027-01-25T12:00:00Z", conditions: yes("Ready") },
      },
    ],
    requests: [],
    orders: [],
    challenges: [],
  },
  issuers: [
    {
      metadata: metadata("letsencrypt-prod"),
      spec: { acme: { server: "https://acme-v02.api.letsencrypt.org/directory" } },
      status: { conditions: yes("Ready") },
    },
  ],
  policies: [policy("ClientTrafficPolicy"), policy("BackendTrafficPolicy")],
  routes: [
    {
      metadata: metadata("whoami", "whoami"),
      spec: {
        hostnames: ["whoami.example.com"],
        parentRefs: [{ name: "eg", namespace: "envoy-gateway", sectionName: "https" }],
        rules: [{ backendRefs: [{ name: "whoami" }] }],
      },
      status: {
        parents: [
          {
            parentRef: { name: "eg", namespace: "envoy-gateway", sectionName: "https" },
            conditions: yes("Accepted", "ResolvedRefs"),
          },
        ],
      },
    },
  ],
  proxies: [deployment("envoy-eg", "envoy-gateway-system", 2)],
  services: [{ metadata: metadata("envoy-eg", "envoy-gateway-system") }],
  controllers: {
    certManager: [deployment("cert-manager", "cert-manager")],
    envoyGateway: [deployment("envoy-gateway", "envoy-gateway-system")],
  },
});

const answered = (status: number) => ({
  status,
  protocol: "HTTP/2",
  names: ["example.com", "*.example.com"],
  ends: Date.parse(ends),
  issuer: "Let's Encrypt E7",
});

export const healthyOutside = (): Outside => ({
  at: now,
  addresses: [address],
  hosts: [
    ["example.com", 404],
    ["unclaimed.example.com", 404],
    ["whoami.example.com", 200],
  ].map(([host, status]) => ({
    host: String(host),
    resolved: { addresses: [address] },
    answers: { [address]: answered(Number(status)) },
  })),
  plain: { [address]: { status: 301, location: "https://example.com/path?query" } },
});
