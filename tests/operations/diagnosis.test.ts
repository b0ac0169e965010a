import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { diagnose, symptoms } from "../../operations/doctor/diagnosis";
import type { Facts } from "../../operations/doctor/facts";
import { idOf } from "../../operations/doctor/links";
import { documented } from "../../operations/doctor/reference";
import { backOff } from "../../operations/doctor/symptoms/issuance";
import { address, no } from "../support/standingEdge";
import { healthyFacts } from "../support/standingFacts";

/** What is changed in what is known of a healthy edge; parts are taken as those that a healthy one has. */
// biome-ignore lint/suspicious/noExplicitAny: it breaks what the types promise
type Change = (facts: any) => void;

const diagnosed = (change: Change = () => {}) => {
  const facts: Facts = healthyFacts();
  change(facts);
  return diagnose(facts);
};

/** Each finding's name and place. */
const found = (change?: Change): string[] =>
  diagnosed(change).findings.map(({ symptom, subject }) => `${symptom}: ${subject}`);

const token = "Cloudflare token cert-manager/cloudflare-api-token";
const certificate = "Certificate envoy-gateway/wildcard-example-com";
const route = "HTTPRoute whoami/whoami";
const zone = "zone of example.com";

/** Gives the one credential other facts. */
const credential =
  (facts: object): Change =>
  ({ credentials }) =>
    Object.assign(credentials[0], facts);

const domain =
  (facts: object): Change =>
  ({ domains }) =>
    Object.assign(domains[0], facts);

/** An issuance that has failed, with the words of its order. */
const failing =
  (reason: string, more: object = {}): Change =>
  ({ edge: { chain } }) => {
    const [each] = chain.certificates;
    each.status.conditions = [
      ...no("Ready", "DoesNotExist", "Issuing certificate as Secret does not exist"),
      ...no("Issuing", "Failed", "The certificate request has failed"),
    ];
    Object.assign(each.status, more);
    const owned = (name: string, owner: string) => ({
      metadata: { name, uid: `uid-of-${name}`, ownerReferences: [{ uid: `uid-of-${owner}` }] },
    });
    chain.requests = [owned("request", each.metadata.name)];
    chain.orders = [{ ...owned("order", "request"), status: { state: "invalid", reason } }];
  };

const challenged =
  (challenge: { metadata?: object; status: object }): Change =>
  (facts) => {
    failing("")(facts);
    facts.edge.chain.orders[0].status = {};
    facts.edge.chain.challenges = [
      {
        status: challenge.status,
        spec: { dnsName: "example.com" },
        metadata: {
          name: "challenge",
          uid: "uid",
          ownerReferences: [{ uid: "uid-of-order" }],
          creationTimestamp: "2026-11-28T11:00:00Z",
          ...challenge.metadata,
        },
      },
    ];
  };

/** What fails when HTTPS is not answered at all. */
const silent: Change = ({ outside }) => {
  for (const host of outside.hosts) host.answers[address] = { error: "read ECONNRESET" };
};

/** What fails when no connection is. */
const reset: Change = (facts) => {
  silent(facts);
  facts.outside.plain[address] = { error: "read ECONNRESET" };
};

/** An issuer without its account, and a certificate that waits for it. */
const unregistered =
  (message: string): Change =>
  (facts) => {
    facts.edge.issuers[0].status.conditions = no("Ready", "ErrRegisterACMEAccount", message);
    failing("")(facts);
  };

const all =
  (...changes: Change[]): Change =>
  (facts) => {
    for (const change of changes) change(facts);
  };

/** What breaks an edge, by the name that the doctor has for it, and where. */
const broken: Record<string, { change: Change; at: string }> = {
  "controller-down": {
    at: "Deployment cert-manager/cert-manager",
    change: ({ edge, cluster }) => {
      edge.controllers.certManager[0].status.availableReplicas = 0;
      cluster.webhook = 'failed calling webhook "webhook.cert-manager.io"';
      cluster.ailing = [
        {
          namespace: "cert-manager",
          pod: "cert-manager-1",
          deployment: "cert-manager",
          why: "container: ImagePullBackOff",
        },
      ];
    },
  },
  "proxies-down": {
    at: "Deployment envoy-gateway-system/envoy-eg",
    change: all(reset, ({ edge }) => {
      edge.proxies[0].status.availableReplicas = 0;
      edge.gateway.status.conditions = no("Programmed", "NoResources", "Deployment replicas unavailable");
    }),
  },
  "webhook-unreachable": {
    at: "cert-manager's webhook",
    change: ({ cluster }) => {
      cluster.webhook = 'failed calling webhook "webhook.cert-manager.io": connection refused';
    },
  },
  "crds-missing": {
    at: "CRDs of the Gateway API",
    change: ({ cluster, edge }) => {
      cluster.crds = cluster.crds.filter(({ name }: { name: string }) => !name.endsWith("envoyproxy.io"));
      edge.controllers.envoyGateway[0].status.availableReplicas = 0;
    },
  },
  "crds-too-old": {
    at: "CRDs of the Gateway API",
    change: ({ cluster }) => {
      cluster.crds[1].annotations["gateway.networking.k8s.io/bundle-version"] = "v1.2.1";
    },
  },
  "crds-mixed-channels": {
    at: "CRDs of the Gateway API",
    change: ({ cluster }) => {
      cluster.crds[1].annotations["gateway.networking.k8s.io/channel"] = "experimental";
    },
  },
  "helm-interrupted": {
    at: "Helm release cert-manager/cert-manager",
    change: ({ cluster }) => cluster.pending.push("cert-manager/cert-manager"),
  },
  "clock-skew": {
    at: "clocks of the cluster",
    change: ({ cluster }) => {
      cluster.leases["kube-node-lease/node-1"] = -300_000;
    },
  },
  "token-secret-missing": { at: token, change: all(credential({ keys: undefined, zones: {} }), failing("no secret")) },
  "token-secret-key": { at: token, change: credential({ keys: ["token"], zones: {} }) },
  "token-empty": { at: token, change: credential({ shape: "empty", zones: {}, verified: undefined }) },
  "token-whitespace": { at: token, change: credential({ shape: "whitespace", zones: {}, verified: undefined }) },
  "token-is-api-key": { at: token, change: credential({ shape: "api-key", zones: {}, verified: undefined }) },
  "token-disabled": {
    at: token,
    change: credential({
      verified: { result: { status: "disabled" } },
      zones: { "example.com": { refused: "403 (1000)", status: 403 } },
    }),
  },
  "token-expired": {
    at: token,
    change: all(
      credential({
        verified: { result: { status: "expired", expires_on: "2026-11-01T00:00:00Z" } },
        zones: { "example.com": { refused: "403 (1000)", status: 403 } },
      }),
      failing("Cloudflare refused"),
    ),
  },
  "token-location": {
    at: token,
    change: credential({
      zones: {
        "example.com": { refused: "403 Cannot use the access token from location: 192.0.2.1 (9109)", status: 403 },
      },
    }),
  },
  "token-refused": {
    at: token,
    change: credential({
      verified: { refused: "401 Invalid API Token (1000)", status: 401 },
      zones: { "example.com": { refused: "403 Invalid access token (9109)", status: 403 } },
    }),
  },
  "token-zone-read": {
    at: token,
    change: credential({ zones: { "example.com": { refused: "403 requires permission zone.list", status: 403 } } }),
  },
  "token-other-zone": {
    at: token,
    change: credential({ zones: { "example.com": { result: [] } }, showsOthers: true }),
  },
  "token-ends-soon": {
    at: token,
    change: credential({
      verified: { result: { status: "active", expires_on: new Date(Date.now() + 5 * 86_400_000).toISOString() } },
    }),
  },
  "cloudflare-silent": {
    at: token,
    change: credential({ verified: { silent: "ECONNREFUSED" }, zones: { "example.com": { silent: "ECONNREFUSED" } } }),
  },
  "zone-unknown": { at: zone, change: domain({ zone: undefined, error: "ESERVFAIL", nameServers: [] }) },
  "zone-inactive": {
    at: zone,
    change: ({ credentials }) => {
      credentials[0].zones["example.com"].result[0].status = "pending";
    },
  },
  "zone-not-delegated": { at: zone, change: domain({ nameServers: ["ns1.registrar.example"] }) },
  "caa-forbids": {
    at: zone,
    change: domain({ caa: { name: "example.com", records: [{ critical: 0, issuewild: "digicert.com" }] } }),
  },
  "challenge-cname": { at: zone, change: domain({ challengeAlias: "elsewhere.example" }) },
  "challenge-record-stale": { at: zone, change: domain({ challengeRecords: ["old"] }) },
  "rate-limit-registrations": {
    at: "ClusterIssuer letsencrypt-prod",
    change: unregistered("429 urn:ietf:params:acme:error:rateLimited: too many new registrations (10) from this IP"),
  },
  "account-refused": {
    at: "ClusterIssuer letsencrypt-prod",
    change: unregistered("400 urn:ietf:params:acme:error:invalidContact: contact email has forbidden domain"),
  },
  "acme-unreachable": {
    at: "ClusterIssuer letsencrypt-prod",
    change: unregistered("Get directory: dial tcp: lookup acme-v02.api.letsencrypt.org: i/o timeout"),
  },
  "rate-limit-exact-set": {
    at: certificate,
    change: failing(
      "429: too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s",
    ),
  },
  "rate-limit-domain": {
    at: certificate,
    change: failing('429: too many certificates (50) already issued for "example.com" in the last 168h0m0s'),
  },
  "rate-limit-failures": {
    at: certificate,
    change: failing('429: too many failed authorizations (5) for "example.com" in the last 1h0m0s'),
  },
  "rate-limit-orders": {
    at: certificate,
    change: failing("429: too many new orders (300) from this account in the last 3h0m0s"),
  },
  "caa-refused": {
    at: certificate,
    change: failing("urn:ietf:params:acme:error:caa: CAA record for example.com prevents issuance"),
  },
  "split-horizon": {
    at: certificate,
    change: all(
      challenged({
        status: {
          state: "pending",
          reason: 'Waiting for DNS-01 challenge propagation: DNS record for "example.com" not yet propagated',
        },
      }),
      domain({ challengeRecords: ["key"] }),
    ),
  },
  "challenge-held": {
    at: certificate,
    change: challenged({
      metadata: { deletionTimestamp: "2026-11-28T11:30:00Z" },
      status: { state: "pending", reason: "Could not route to /zones//dns_records (7003)" },
    }),
  },
  "no-address": {
    at: "Gateway envoy-gateway/eg",
    change: ({ edge, outside, cluster }) => {
      edge.gateway.status.addresses = [];
      edge.gateway.status.conditions = no("Programmed", "AddressNotAssigned", "No addresses have been assigned");
      outside.addresses = [];
      outside.plain = {};
      cluster.events = [{ service: "envoy-eg", message: "quota exceeded" }];
      for (const host of outside.hosts) Object.assign(host, { answers: {}, resolved: { error: "ENOTFOUND" } });
    },
  },
  "listener-without-certificate": {
    at: "listener https of Gateway envoy-gateway/eg",
    change: all(silent, ({ edge, cluster }) => {
      cluster.secrets["wildcard-example-com"] = undefined;
      edge.gateway.status.listeners[1].conditions = no("ResolvedRefs", "InvalidCertificateRef", "does not exist");
    }),
  },
  "certificate-expired": {
    at: certificate,
    change: ({ edge, outside }) => {
      edge.chain.certificates[0].status.notAfter = "2026-11-01T00:00:00Z";
      for (const host of outside.hosts) host.answers[address].ends = Date.parse("2026-11-01T00:00:00Z");
    },
  },
  "certificate-of-other-issuer": {
    at: certificate,
    change: ({ cluster, outside }) => {
      cluster.secrets["wildcard-example-com"].annotations["cert-manager.io/issuer-name"] = "letsencrypt-staging";
      for (const host of outside.hosts) host.answers[address].untrusted = "SELF_SIGNED_CERT_IN_CHAIN";
    },
  },
  "configuration-rejected": {
    at: "Deployment envoy-gateway-system/envoy-eg",
    change: ({ edge, cluster }) => {
      cluster.rejections[0].refused = 2;
      edge.routes[0].metadata.managedFields = [{ time: "2026-11-28T11:00:00Z" }];
    },
  },
  "proxy-header-not-taken": {
    at: "Service envoy-eg",
    change: all(reset, ({ edge }) => {
      edge.services[0].metadata.annotations = { "https-edge/proxy-protocol": "v2" };
    }),
  },
  "proxy-header-not-sent": {
    at: "Service envoy-eg",
    change: all(reset, ({ edge }) => {
      edge.policies[0].spec.proxyProtocol = {};
    }),
  },
  "proxy-header-forgeable": {
    at: "Service envoy-eg",
    change: ({ edge }) => {
      edge.policies[0].spec.proxyProtocol = { optional: true };
    },
  },
  "trusted-hops-forgeable": {
    at: "ClientTrafficPolicy envoy-gateway/eg",
    change: ({ edge }) => {
      edge.policies[0].spec.clientIPDetection = { xForwardedFor: { numTrustedHops: 1 } };
    },
  },
  "trusted-hops-missing": {
    at: "ClientTrafficPolicy envoy-gateway/eg",
    change: ({ outside }) => {
      for (const host of outside.hosts) host.resolved = { addresses: ["104.16.0.9"] };
    },
  },
  "namespace-not-labelled": {
    at: route,
    change: ({ edge, cluster }) => {
      edge.gateway.spec.listeners[1].allowedRoutes = {
        namespaces: { from: "Selector", selector: { matchLabels: { "https-edge/eg": "attach" } } },
      };
      edge.routes[0].status.parents[0].conditions = no("Accepted", "NotAllowedByListeners", "not allowed");
      cluster.namespaces.whoami = {};
    },
  },
  "route-names-no-listener": {
    at: route,
    change: ({ edge }) => {
      edge.routes[0].spec.parentRefs[0].sectionName = "web";
      edge.routes[0].status.parents[0].parentRef.sectionName = "web";
      edge.routes[0].status.parents[0].conditions = no("Accepted", "NoMatchingParent", "No listener web");
    },
  },
  "route-without-section": {
    at: route,
    change: ({ edge }) => {
      delete edge.routes[0].spec.parentRefs[0].sectionName;
      delete edge.routes[0].status.parents[0].parentRef.sectionName;
      edge.gateway.spec.listeners[0].allowedRoutes = { namespaces: { from: "All" } };
    },
  },
  "host-not-in-certificate": {
    at: route,
    change: ({ edge, outside }) => {
      edge.routes[0].spec.hostnames = ["a.whoami.example.com"];
      Object.assign(outside.hosts[2], { host: "a.whoami.example.com" });
    },
  },
  "host-claimed-twice": {
    at: "HTTPRoute shop/other",
    change: ({ edge }) => {
      const [first] = edge.routes;
      edge.routes.push({ ...first, metadata: { ...first.metadata, name: "other", namespace: "shop" } });
      const [parent] = first.status.parents;
      edge.routes[1].status = { parents: [parent] };
    },
  },
  "backend-missing": {
    at: route,
    change: ({ edge, cluster }) => {
      cluster.backends["whoami/whoami"] = undefined;
      edge.routes[0].status.parents[0].conditions = [
        { type: "Accepted", status: "True", observedGeneration: 1 },
        ...no("ResolvedRefs", "BackendNotFound", "Service whoami/whoami not found"),
      ];
    },
  },
  "backend-without-pods": {
    at: route,
    change: ({ cluster, outside }) => {
      cluster.backends["whoami/whoami"] = 0;
      outside.hosts[2].answers[address].status = 503;
    },
  },
  "record-elsewhere": {
    at: "whoami.example.com",
    change: ({ outside }) => {
      outside.hosts[2].resolved = { addresses: ["198.51.100.1"] };
    },
  },
  "redirect-loop": {
    at: "whoami.example.com",
    change: ({ outside }) => {
      Object.assign(outside.hosts[2], {
        resolved: { addresses: ["198.51.100.1"] },
        elsewhere: { status: 301, location: "https://whoami.example.com/" },
      });
    },
  },
};

describe("The doctor", () => {
  it("finds nothing wrong with a healthy edge, and looks at each link", () => {
    const { findings, links } = diagnosed();
    assert.deepEqual(findings, []);
    assert.deepEqual([...new Set(links.map(({ result }) => result))], ["ok"]);
    const ids = links.map(idOf);
    assert.equal(new Set(ids).size, ids.length);
    for (const { needs } of links) for (const need of needs) assert.ok(ids.includes(need), need);
  });

  it("leads from each answer to the token and the controllers", () => {
    const { links } = diagnosed();
    const byId = new Map(links.map((link) => [idOf(link), link]));
    const below = (id: string): string[] => [id, ...(byId.get(id)?.needs ?? []).flatMap(below)];
    const reached = new Set(below("https https://whoami.example.com"));
    for (const { kind, subject } of links.filter((link) => !["dns", "https", "redirect"].includes(link.kind)))
      if (subject !== "listener http of Gateway envoy-gateway/eg" || kind !== "listener")
        assert.ok(reached.has(idOf({ kind, subject })), subject);
  });

  for (const [name, { change, at }] of Object.entries(broken))
    it(`names ${name} at ${at}, and nothing else`, () => assert.deepEqual(found(change), [`${name}: ${at}`]));

  it("names a challenge that is over and keeps its record, for which the next one of the same name waits", () => {
    const kept = { state: "valid", reason: "Error cleaning up challenge: out of order" };
    assert.deepEqual(found(challenged({ status: kept })), [`challenge-held: ${certificate}`]);
  });

  it("names what the renewal of a certificate waits for that is still good, once that has gone on for long", () => {
    const { change } = broken["split-horizon"] ?? assert.fail();
    const renewing: Change = (facts) => {
      change(facts);
      facts.edge.chain.certificates[0].status.conditions = [
        { type: "Ready", status: "True", reason: "Ready", observedGeneration: 1 },
        { type: "Issuing", status: "True", reason: "Renewing", observedGeneration: 1 },
      ];
    };
    assert.deepEqual(found(renewing), [`split-horizon: ${certificate}`]);
  });

  it("names why the renewal of a certificate failed that is still good", () => {
    const refused = failing("429: too many new orders (300) from this account in the last 3h0m0s");
    const change: Change = (facts) => {
      refused(facts);
      const [{ status }] = facts.edge.chain.certificates;
      status.conditions = [
        { type: "Ready", status: "True", reason: "Ready", observedGeneration: 1 },
        ...no("Issuing", "Failed", "The certificate request has failed"),
      ];
    };
    assert.deepEqual(found(change), [`rate-limit-orders: ${certificate}`]);
  });

  it("has seen each row of its tables here, but for the one of a look before an up", () => {
    const rows = symptoms.filter(({ name }) => name !== "load-balancer-unknown");
    assert.deepEqual(rows.map(({ name }) => name).sort(), Object.keys(broken).sort());
    for (const { cause, cure, source } of rows) {
      assert.match(cause, /\.$/);
      assert.match(cure, /\.$/);
      assert.ok(URL.canParse(source), source);
    }
  });

  it("has its rows in docs/doctor.md as they are (make symptoms writes them)", () => {
    const text = readFileSync(join(__dirname, "..", "..", "docs", "doctor.md"), "utf8");
    const plain = (page: string) => page.replace(/ +/g, " ").replace(/-{3,}/g, "---");
    assert.equal(plain(documented(text)), plain(text));
  });

  it("tells how long cert-manager waits after a failure that no row knows", () => {
    const change = failing("the CA said something new", {
      lastFailureTime: "2026-11-28T11:30:00Z",
      failedIssuanceAttempts: 2,
    });
    const [finding] = diagnosed(change).findings;
    assert.equal(finding?.symptom, "certificate");
    assert.match(finding?.found ?? "", /something new \(cert-manager tries again by itself in 90 min;/);
    assert.deepEqual(
      [1, 2, 3, 6, 7, 20].map((each) => backOff(each) / 3_600_000),
      [1, 2, 4, 32, 32, 32],
    );
  });

  it("names two causes that have nothing to do with each other, the broken before the risky", () => {
    assert.deepEqual(
      found(all(broken["challenge-record-stale"]?.change ?? reset, broken["backend-without-pods"]?.change ?? reset)),
      [`backend-without-pods: ${route}`, `challenge-record-stale: ${zone}`],
    );
  });

  it("takes a token that sees no zone at all for one without Zone Read", () => {
    const change = credential({ zones: { "example.com": { result: [] } }, showsOthers: false });
    assert.deepEqual(found(change), [`token-zone-read: ${token}`]);
  });

  it("takes a CAA record that lets Let's Encrypt issue, and any where another CA does", () => {
    const allowed = domain({
      caa: { name: "example.com", records: [{ critical: 0, issue: "letsencrypt.org; accounturi=x" }] },
    });
    assert.deepEqual(found(allowed), []);
    const other = all(broken["caa-forbids"]?.change ?? reset, ({ edge }) => {
      edge.issuers[0].spec.acme.server = "https://ca.corp.example/acme";
    });
    assert.deepEqual(found(other), []);
  });

  it("lets a route name no listener where the HTTP listener admits none from its namespace", () => {
    const change: Change = ({ edge }) => {
      delete edge.routes[0].spec.parentRefs[0].sectionName;
      delete edge.routes[0].status.parents[0].parentRef.sectionName;
    };
    assert.deepEqual(found(change), []);
  });

  it("takes a token that an account owns, of which the user's call knows nothing", () => {
    const verified = { refused: "401 Invalid API Token (1000)", status: 401 };
    assert.deepEqual(found(credential({ verified })), []);
    // Nor where no zone is known of which it could be asked.
    assert.deepEqual(found(credential({ verified, zones: {}, showsOthers: true })), []);
  });
});
