import assert from "node:assert/strict";
import { checksOf } from "../../operations/checks";
import type { Outside } from "../../operations/outside";
import type { StandingEdge } from "../../operations/standingEdge";
import { address, healthyEdge, healthyOutside, no } from "../support/standingEdge";

/** What is changed in a healthy edge; parts are taken as those that a healthy one has. */
// biome-ignore lint/suspicious/noExplicitAny: it breaks what the types promise
type Change = (edge: any, outside: any) => void;

/** What is found once it is so, but for what is as it must be. */
const found = (change: Change = () => {}): string[] => {
  const edge: StandingEdge = healthyEdge();
  const outside: Outside = healthyOutside();
  change(edge, outside);
  return checksOf(edge, outside)
    .filter(({ result }) => result !== "ok")
    .map(({ check, subject, result, found: what }) => `${result} ${check} ${subject}: ${what}`);
};

describe("What an edge is checked for", () => {
  it("is all as it must be on a healthy one", () => {
    assert.deepEqual(found(), []);
    const checks = checksOf(healthyEdge(), healthyOutside());
    assert.deepEqual(
      checks.map(({ check }) => check),
      [
        ...["controller", "controller", "proxies", "class", "gateway", "listener", "listener", "issuer", "certificate"],
        ...["policy", "policy", "proxy-protocol", "route", "dns", "dns", "dns", "https", "https", "https", "redirect"],
      ],
    );
  });

  const broken: [string, Change, string][] = [
    [
      "a controller without a pod",
      ({ controllers }) => {
        controllers.certManager[0].status.availableReplicas = 0;
      },
      "failed controller Deployment cert-manager/cert-manager: 0 of 1 pods available",
    ],
    [
      "a controller that is gone",
      ({ controllers }) => controllers.envoyGateway.pop(),
      "failed controller Envoy Gateway: is not there",
    ],
    [
      "one proxy of two",
      ({ proxies }) => {
        proxies[0].status.availableReplicas = 1;
      },
      "warning proxies Deployment envoy-gateway-system/envoy-eg: 1 of 2 pods available",
    ],
    ["no proxies", ({ proxies }) => proxies.pop(), "failed proxies of Gateway envoy-gateway/eg: is not there"],
    [
      "a class that nobody accepts",
      ({ gatewayClass }) => {
        gatewayClass.status.conditions = no("Accepted", "InvalidParameters", "EnvoyProxy not found.");
      },
      "failed class GatewayClass eg: not Accepted: InvalidParameters: EnvoyProxy not found",
    ],
    [
      "a Gateway of an earlier generation's state",
      ({ gateway }) => {
        gateway.metadata.generation = 2;
        for (const { conditions } of gateway.status.listeners)
          for (const condition of conditions) condition.observedGeneration = 2;
      },
      "failed gateway Gateway envoy-gateway/eg: not Accepted yet",
    ],
    [
      "a listener whose Secret is not there",
      ({ gateway }) => {
        gateway.status.listeners[1].conditions = [
          ...gateway.status.listeners[1].conditions.filter(({ type }: { type: string }) => type !== "ResolvedRefs"),
          ...no("ResolvedRefs", "InvalidCertificateRef", "Secret wildcard-example-com does not exist."),
        ];
      },
      "failed listener listener https of Gateway envoy-gateway/eg: not ResolvedRefs: InvalidCertificateRef: Secret wildcard-example-com does not exist",
    ],
    [
      "an issuer without an account",
      ({ issuers }) => {
        issuers[0].status.conditions = no("Ready", "ErrRegisterACMEAccount", "Failed to register ACME account");
      },
      "failed issuer ClusterIssuer letsencrypt-prod: not Ready: ErrRegisterACMEAccount: Failed to register ACME account",
    ],
    [
      "a certificate that is not issued",
      ({ chain }) => {
        chain.certificates[0].status.conditions = no(
          "Ready",
          "DoesNotExist",
          "Issuing certificate as Secret does not exist",
        );
        delete chain.certificates[0].status.notAfter;
      },
      "failed certificate Certificate envoy-gateway/wildcard-example-com: DoesNotExist: Issuing certificate as Secret does not exist",
    ],
    [
      "a renewal that is late",
      ({ chain }) => {
        chain.certificates[0].status.renewalTime = "2026-11-28T10:00:00Z";
      },
      "warning certificate Certificate envoy-gateway/wildcard-example-com: until 2027-02-24T12:00:00Z, renewed from 2026-11-28T10:00:00Z: the renewal is late",
    ],
    [
      "a renewal that failed",
      ({ chain }) => {
        chain.certificates[0].status.conditions.push(...no("Issuing", "Failed", "The certificate request has failed."));
      },
      "warning certificate Certificate envoy-gateway/wildcard-example-com: until 2027-02-24T12:00:00Z, renewed from 2027-01-25T12:00:00Z: the renewal failed: Failed: The certificate request has failed",
    ],
    [
      "a policy that is not accepted",
      ({ policies }) => {
        policies[1].status.ancestors[0].conditions = no("Accepted", "Conflicted", "Targets eg already.");
      },
      "failed policy BackendTrafficPolicy envoy-gateway/eg: not Accepted: Conflicted: Targets eg already",
    ],
    [
      "a load balancer that sends PROXY protocol to proxies that take none",
      ({ services }) => {
        services[0].metadata.annotations = {
          "service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol": "true",
        };
      },
      "failed proxy-protocol Service envoy-eg: the load balancer is told to send it, and the proxies take none: every connection is reset",
    ],
    [
      "proxies that take PROXY protocol from everybody",
      ({ policies }) => {
        policies[0].spec.proxyProtocol = { optional: true };
      },
      "warning proxy-protocol Service envoy-eg: the load balancer is not told to send it, and the proxies take connections with it and without: whoever reaches the proxies can claim an address",
    ],
    [
      "a route that nobody admits",
      ({ routes }) => {
        routes[0].status.parents[0].conditions = no(
          "Accepted",
          "NotAllowedByListeners",
          "Namespace whoami is not allowed.",
        );
      },
      "failed route HTTPRoute whoami/whoami: not Accepted: NotAllowedByListeners: Namespace whoami is not allowed",
    ],
    [
      "a record that leads elsewhere",
      (_, { hosts }) => {
        hosts[0].resolved = { addresses: ["198.51.100.1"] };
      },
      `failed dns example.com: 198.51.100.1, while the Gateway is at ${address}`,
    ],
    [
      "a host that DNS does not know",
      (_, { hosts }) => {
        hosts[1].resolved = { error: "ENOTFOUND" };
      },
      "failed dns unclaimed.example.com: ENOTFOUND",
    ],
    [
      "a connection that is refused",
      (_, { hosts }) => {
        hosts[2].answers[address] = { error: "connect ECONNREFUSED" };
      },
      `failed https https://whoami.example.com: ${address}: connect ECONNREFUSED`,
    ],
    [
      "another host's certificate",
      (_, { hosts }) => {
        hosts[2].answers[address].names = ["other.example"];
      },
      `failed https https://whoami.example.com: ${address}: a certificate for other.example, of Let's Encrypt E7`,
    ],
    [
      "an earlier certificate than the one in the cluster",
      (_, { hosts }) => {
        hosts[0].answers[address].ends = Date.parse("2026-12-24T12:00:00Z");
      },
      `failed https https://example.com: ${address}: a certificate until 2026-12-24T12:00:00.000Z, while the one in the cluster is until 2027-02-24T12:00:00Z`,
    ],
    [
      "a certificate of production that is not trusted",
      (_, { hosts }) => {
        hosts[0].answers[address].untrusted = "SELF_SIGNED_CERT_IN_CHAIN";
      },
      `failed https https://example.com: ${address}: a certificate that is not trusted: SELF_SIGNED_CERT_IN_CHAIN`,
    ],
    [
      "an application that fails",
      (_, { hosts }) => {
        hosts[2].answers[address].status = 503;
      },
      "warning https https://whoami.example.com: 503 by HTTP/2, certificate of Let's Encrypt E7: the application fails",
    ],
    [
      "no redirect",
      (_, { plain }) => {
        plain[address] = { status: 404 };
      },
      `failed redirect http://example.com at ${address}: 404 to nowhere`,
    ],
  ];
  for (const [what, change, line] of broken)
    it(`names ${what}, and nothing else`, () => {
      assert.deepEqual(found(change), [line]);
    });

  it("takes a route as it is attached now, whatever its controller says of where it was before", () => {
    const change: Change = ({ routes }) => {
      routes[0].status.parents.push({
        parentRef: { name: "eg", namespace: "envoy-gateway", sectionName: "web" },
        conditions: no("Accepted", "NoMatchingParent", "No listeners match this parent ref."),
      });
    };
    assert.deepEqual(found(change), []);
  });

  it("takes Cloudflare's own proxies, and a staging certificate that no browser trusts", () => {
    const change: Change = ({ issuers }, { hosts }) => {
      issuers[0].spec.acme.server = "https://acme-staging-v02.api.letsencrypt.org/directory";
      hosts[0].resolved = { addresses: ["104.16.0.9", "2606:4700::1"] };
      hosts[0].answers[address].untrusted = "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
    };
    assert.deepEqual(found(change), []);
  });

  it("names a Gateway without an address once, though nothing can be asked of it", () => {
    const change: Change = ({ gateway }, outside) => {
      gateway.status.addresses = [];
      outside.addresses = [];
      for (const host of outside.hosts) host.answers = {};
      outside.plain = {};
    };
    assert.deepEqual(found(change), ["failed gateway Gateway envoy-gateway/eg: has no address"]);
  });
});
