/** All that the doctor knows of a healthy edge, of which tests change what they are about. */
import type { Facts } from "../../operations/doctor/facts";
import { healthyEdge, healthyOutside } from "./standingEdge";

const crd = (name: string, version: string, channel = "standard") => ({
  name,
  uid: `uid-of-${name}`,
  annotations: {
    "gateway.networking.k8s.io/bundle-version": version,
    "gateway.networking.k8s.io/channel": channel,
  },
});

const nameServers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"];

/** All of it new each time, so that a test can change what it likes. */
export const healthyFacts = (): Facts => {
  const edge = healthyEdge();
  const [issuer] = edge.issuers;
  if (issuer?.spec.acme)
    issuer.spec.acme.solvers = [
      {
        selector: { dnsZones: ["example.com"] },
        dns01: { cloudflare: { apiTokenSecretRef: { name: "cloudflare-api-token", key: "api-token" } } },
      },
    ];
  return {
    edge,
    outside: healthyOutside(),
    cluster: {
      place: "test at https://cluster.example",
      ailing: [],
      crds: [
        crd("gateways.gateway.networking.k8s.io", "v1.6.3"),
        crd("httproutes.gateway.networking.k8s.io", "v1.6.3"),
        { name: "envoyproxies.gateway.envoyproxy.io", uid: "uid" },
      ],
      secrets: {
        "wildcard-example-com": {
          keys: ["tls.crt", "tls.key"],
          annotations: { "cert-manager.io/issuer-name": "letsencrypt-prod" },
        },
      },
      namespaces: { whoami: { "https-edge/eg": "attach" } },
      backends: { "whoami/whoami": 2 },
      webhook: undefined,
      leases: { "kube-node-lease/node-1": 4_000, "kube-system/kube-scheduler": 1_000 },
      events: [],
      pending: [],
      rejections: [{ pod: "envoy-eg-1", refused: 0, lastTaken: Date.parse("2026-11-27T12:00:00Z"), lacks: false }],
    },
    credentials: [
      {
        place: "cert-manager/cloudflare-api-token",
        key: "api-token",
        kind: "token",
        replacedBy: "pulumi up",
        keys: ["api-token"],
        verified: { result: { status: "active" } },
        zones: {
          "example.com": { result: [{ id: "1", name: "example.com", status: "active", name_servers: nameServers }] },
        },
      },
    ],
    domains: [
      {
        domain: "example.com",
        zone: "example.com",
        nameServers,
        caa: undefined,
        challengeAlias: undefined,
        challengeRecords: [],
      },
    ],
    withHeader: undefined,
  };
};
