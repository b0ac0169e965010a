import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse, problemsMessage } from "../components/rules/problems";
import { problemsOf as problemsOfArgs, settingsSchema, withoutSecrets } from "../components/schema";
import { everything as everyClientTraffic } from "./support/clientTraffic";

const url = "https://ca.company.example/acme/acme/directory";
const good = { domains: [{ name: "example.com" }] };
const everything = {
  domains: [
    { name: "eu.example.com", zone: "example.com", zoneId: "0".repeat(32), accountId: "1".repeat(32) },
    { name: "example.org" },
  ],
  name: "shop",
  cluster: { uid: "5c1d8f0e-93f4-4a7d-8d6b-0a4f2f5f0c11" },
  versions: { set: "current", envoyGateway: "1.9.2", gatewayApi: "1.6.2", certManager: "1.21.3" },
  crds: { gatewayApi: "https://mirror.example/a.yaml", envoyGateway: "b.yaml", existing: false },
  mirror: "registry.company.example/mirror",
  certManager: { existing: true, namespace: "certificates", clusterResourceNamespace: "secrets" },
  envoyGateway: { existing: true, namespace: "gateways", gatewayClass: "envoy" },
  controllers: { replicas: 3, priorityClass: "system-cluster-critical" },
  cloudflare: {
    accountId: "0".repeat(32),
    owner: "account",
    rotation: "2026-11",
    maxAgeDays: 90,
    expires: "2999-11-01",
    requestIp: { in: ["198.51.100.0/24"], notIn: ["198.51.100.7/32"] },
    proxied: true,
    edgeCertificates: true,
  },
  acme: {
    environment: "production",
    email: "ops@company.example",
    waitInsteadOfSelfCheck: "90s",
    profile: "shortlived",
    renewBeforePercentage: 50,
    renewalInfo: false, // which is not the edge's to set with certManager.existing
    keepCertificates: true,
  },
  gateway: {
    replicas: 3,
    autoscaling: { max: 20, cpu: "1" },
    resources: { cpu: "1", memory: "512Mi", memoryLimit: "2Gi" },
    drain: { healthChecks: "90s", connections: "5m" },
    priorityClass: "system-cluster-critical",
    annotations: { "cloud.example/kind": "network" },
    image: "mirror.example/envoy:v1.39.3",
    ipFamily: "DualStack",
  },
  clientTraffic: {
    ...everyClientTraffic,
    http3: false, // which does not go with proxyProtocol
    hsts: { maxAge: "2 years", includeSubDomains: true, preload: true },
  },
  backendTraffic: {
    requestTimeout: "1m",
    connectionIdleTimeout: "30s",
    maxParallelRequests: 7,
    bufferLimit: "1Mi",
    numRetries: 0,
    compression: ["br", "gzip", "zstd"],
    errorPages: {},
  },
  trustedProxies: { cloudflare: true, only: true },
  redirect: { statusCode: 308 },
  hosts: { apex: true, wildcards: true, listedOnly: true },
  proxyProtocol: { loadBalancer: "other", phase: "prepare", annotations: { "cloud.example/proxy": "on" } },
  landing: { title: "Hello", text: "World", status: 200, noindex: false },
  whoami: { host: "echo", replicas: 1 },
  monitoring: { scrape: "podMonitor", alerts: true, dashboard: false, labels: { release: "prometheus" } },
  serving: { reachable: false },
};
/** Every problem of the settings. */
const problemsOf = (settings: unknown): string[] => {
  const parsed = parse(settingsSchema, settings);
  return "problems" in parsed ? parsed.problems : [];
};
const keys = Object.keys(everything).join(", ");

/** Settings over the smallest good ones, and their one problem. */
const problems: [string, object, string][] = [
  ["no domains", { domains: undefined }, "domains must be a list, got nothing (for example [{ name: example.com }])"],
  [
    "a domain in place of a list",
    { domains: "example.com" },
    'domains must be a list, got "example.com" (for example [{ name: example.com }])',
  ],
  [
    "an empty list of domains",
    { domains: [] },
    "domains must hold at least one entry, got [] (see the settings table)",
  ],
  [
    "a domain that is not an object",
    { domains: ["example.com"] },
    "domains[0] must be an object, got \"example.com\" (set it with --path, such as 'domains[0].…')",
  ],
  [
    "a domain without a name",
    { domains: [{}] },
    "domains[0].name must be a string, got nothing (see the settings table)",
  ],
  [
    "a bad name",
    { domains: [{ name: "Example.com" }] },
    'domains[0].name must be a bare name such as example.com, got "Example.com" (write it in lower case)',
  ],
  [
    "a bad name, whatever its zone",
    { domains: [{ name: "Example.com", zone: "example.com" }] },
    'domains[0].name must be a bare name such as example.com, got "Example.com" (write it in lower case)',
  ],
  [
    "a version with a v, once",
    { versions: { envoyGateway: "v1.9.1" } },
    'versions.envoyGateway must be a version such as 1.9.1, got "v1.9.1" (three numbers, no "v")',
  ],
  [
    "a bad zone",
    { domains: [{ name: "a.example.com", zone: "com" }] },
    'domains[0].zone must be a domain of your own, got "com" (a public suffix, below which anybody registers: name yours below it, such as example.com)',
  ],
  [
    "a domain that is a registry's public suffix, whatever zone is given",
    { domains: [{ name: "co.uk", zoneId: "0".repeat(32) }] },
    'domains[0].name must be a domain of your own, got "co.uk" (a public suffix, below which anybody registers: name yours below it, such as example.co.uk)',
  ],
  [
    "a domain that is a private public suffix, once",
    { domains: [{ name: "github.io", zone: "github.io" }] },
    'domains[0].name must be a domain of your own, got "github.io" (a public suffix, below which anybody registers: name yours below it, such as example.github.io; if it is yours, set zoneId)',
  ],
  [
    "a zone that is a private public suffix",
    { domains: [{ name: "me.github.io", zone: "github.io" }] },
    'domains[0].zone must be a domain of your own, got "github.io" (a public suffix, below which anybody registers: name yours below it, such as example.github.io; if it is yours, set zoneId)',
  ],
  [
    "more domains than a listener has room for",
    { domains: Array.from({ length: 65 }, (_, index) => ({ name: `d${index}.example.com` })) },
    "domains must name at most 64 domains, got 65 (each has a certificate, and a Gateway's listener takes 64: serve the others by another edge)",
  ],
  [
    "a zone of another domain",
    { domains: [{ name: "example.com", zone: "example.org" }] },
    'domains[0].zone must be the domain\'s own name or a parent of it, got "example.org" for example.com (name the Cloudflare zone that example.com lies in)',
  ],
  [
    "a domain that stands twice",
    { domains: [{ name: "example.com" }, { name: "example.com" }] },
    'domains must name each domain once, got "example.com" twice (remove one)',
  ],
  [
    "a bad zone id",
    { domains: [{ name: "example.com", zoneId: "1" }] },
    'domains[0].zoneId must be an id of 32 hexadecimal digits, got "1" (the dashboard shows it on the zone\'s overview page)',
  ],
  [
    "an unknown version set",
    { versions: { set: "newest" } },
    'versions.set must be current or guide, got "newest" (set one of these, or leave it out)',
  ],
  [
    "a version that goes with no other",
    { versions: { set: "guide", gatewayApi: "1.6.3" } },
    "versions must go together, got Envoy Gateway 1.3.3 with Gateway API 1.6.3 (Envoy Gateway 1.3 is built against Gateway API 1.2: change both or neither)",
  ],
  [
    "a mirror over plain http",
    { crds: { gatewayApi: "http://mirror.example" } },
    'crds.gatewayApi must be an https address or a path, got "http://mirror.example" (CRDs over plain http can be changed on the way)',
  ],
  [
    "a bad account id",
    { cloudflare: { accountId: "me" } },
    'cloudflare.accountId must be an id of 32 hexadecimal digits, got "me" (the dashboard shows it on the zone\'s overview page)',
  ],
  [
    "an age of no days",
    { cloudflare: { maxAgeDays: 0 } },
    "cloudflare.maxAgeDays must be at least 1, got 0 (see the settings table)",
  ],
  [
    "a rotation that is a number",
    { cloudflare: { rotation: 2026 } },
    "cloudflare.rotation must be a string, got 2026 (put it in quotes)",
  ],
  [
    "trusted proxies by two rules",
    { trustedProxies: { hops: 1, cloudflare: true } },
    "trustedProxies must hold one of hops, cidrs and cloudflare, got hops and cloudflare (cidrs where the proxies' addresses are known, hops where only their number is)",
  ],
  [
    "trusted proxies by a word",
    { trustedProxies: "cloudflare" },
    "trustedProxies must be an object, got \"cloudflare\" (set it with --path, such as 'trustedProxies.…')",
  ],
  [
    "trusted proxies by an address",
    { trustedProxies: { cidrs: ["198.51.100.7"] } },
    'trustedProxies.cidrs[0] must be a range such as 198.51.100.0/24 or 2001:db8::/32, got "198.51.100.7" (an address, a slash, and how many of its bits count; /32 for one IPv4 address, /128 for one IPv6 address)',
  ],
  [
    "trusted proxies beside Cloudflare's",
    { cloudflare: { proxied: true }, trustedProxies: { hops: 1 } },
    "trustedProxies must be cloudflare where cloudflare.proxied is set, got hops (requests come by Cloudflare's proxies: leave it out, or set trustedProxies.cloudflare)",
  ],
  [
    "a proxied domain without a certificate at Cloudflare",
    { domains: [{ name: "eu.example.com", zone: "example.com" }], cloudflare: { proxied: true } },
    'domains[0].name must be a zone itself where cloudflare.proxied is set, got "eu.example.com" in example.com (Cloudflare\'s Universal SSL covers example.com and *.example.com, and not *.eu.example.com: if an advanced certificate or Total TLS does, set cloudflare.edgeCertificates)',
  ],
  [
    "an environment of another name",
    { acme: { environment: "prod" } },
    'acme.environment must be staging or production, got "prod" (set one of these, or leave it out)',
  ],
  [
    "an e-mail address that is none",
    { acme: { email: "ops" } },
    'acme.email must be one e-mail address, got "ops" (or leave it out)',
  ],
  [
    "a profile that Let's Encrypt does not have",
    { acme: { profile: "tlsclient" } },
    'acme.profile must be classic or tlsserver or shortlived, got "tlsclient" (Let\'s Encrypt has no other; leave it out for classic)',
  ],
  [
    "a share of the lifetime that uses up a week's certificates",
    { acme: { profile: "shortlived", renewBeforePercentage: 80 } },
    "acme.renewBeforePercentage must be a whole number of percent from 10 to 75, got 80 (certificates of shortlived are good for 160 hours, and Let's Encrypt issues five a week for the same names)",
  ],
  [
    "renewals by the CA's suggestion with a cert-manager that does not get them right",
    { acme: { renewalInfo: true } },
    "acme.renewalInfo must be left out with cert-manager 1.21.2, got true (its renewals may repeat without end, and use up Let's Encrypt's five certificates a week in seconds: set versions.certManager to 1.21.3 or later)",
  ],
  [
    "an environment beside another server",
    { acme: { environment: "production", server: { url } } },
    "acme.environment must be left out beside acme.server, got \"production\" (the environments are Let's Encrypt's: leave one of the two out)",
  ],
  [
    "a server without an address",
    { acme: { server: { eabKeyId: "kid" } } },
    "acme.server.url must be a string, got nothing (see the settings table)",
  ],
  [
    "roots that are none",
    { acme: { server: { url, caBundle: "-----BEGIN CERTIFICATE-----" } } },
    'acme.server.caBundle must be certificates of CAs in PEM, got none ("-----BEGIN CERTIFICATE-----" must stand before each)',
  ],
  [
    "two accounts of one zone",
    {
      domains: [
        { name: "example.com", accountId: "1".repeat(32) },
        { name: "eu.example.com", zone: "example.com", accountId: "2".repeat(32) },
      ],
    },
    `domains[1].accountId must be the same for each domain in example.com, got "${"2".repeat(32)}" beside "${"1".repeat(32)}" (a zone lies in one account)`,
  ],
  [
    "an account's token where nothing tells the account",
    { domains: [{ name: "example.com", zoneId: "0".repeat(32) }], cloudflare: { owner: "account" } },
    'cloudflare.owner must be user where nothing tells the account, got "account" (set cloudflare.accountId: zones that are given by zoneId are not looked up)',
  ],
  [
    "a token that has expired",
    { cloudflare: { expires: "2026-01-01" } },
    'cloudflare.expires must be in the future, got "2026-01-01" (the token has expired by then: set a later date, which replaces it)',
  ],
  [
    "a token for every address",
    { cloudflare: { requestIp: { in: ["0.0.0.0/0"] } } },
    'cloudflare.requestIp.in[0] must leave addresses out, got "0.0.0.0/0" (every address there is)',
  ],
  ["no proxies", { gateway: { replicas: 0 } }, "gateway.replicas must be at least 1, got 0 (see the settings table)"],
  [
    "too many proxies",
    { gateway: { replicas: 101 } },
    "gateway.replicas must be at most 100, got 101 (see the settings table)",
  ],
  [
    "half a proxy",
    { gateway: { replicas: 1.5 } },
    "gateway.replicas must be a whole number, got 1.5 (see the settings table)",
  ],
  [
    "a number in words",
    { gateway: { replicas: "2" } },
    'gateway.replicas must be a number, got "2" (see the settings table)',
  ],
  [
    "a most of proxies below their number at rest",
    { gateway: { replicas: 4, autoscaling: { max: 3 } } },
    "gateway.autoscaling must have a max of at least gateway.replicas, got 3 and 4 (replicas is the number at rest)",
  ],
  [
    "processor in percent",
    { gateway: { autoscaling: { cpu: "80%" } } },
    'gateway.autoscaling.cpu must be an amount of processor such as 500m or 2, got "80%" (thousandths of a processor with "m", whole ones without)',
  ],
  [
    "memory in another unit",
    { gateway: { resources: { memory: "256M" } } },
    'gateway.resources.memory must be an amount of memory such as 256Mi or 1Gi, got "256M" (a whole number of Mi or Gi)',
  ],
  [
    "less memory allowed than kept free",
    { gateway: { resources: { memoryLimit: "128Mi" } } },
    "gateway.resources must have a memoryLimit of at least memory, got 128Mi and 256Mi (raise memoryLimit)",
  ],
  [
    "a time without a unit",
    { gateway: { drain: { healthChecks: "30" } } },
    'gateway.drain.healthChecks must be a duration from 1s to 10m, got "30" (whole numbers of h, m, s and ms, such as 90s or 1m30s)',
  ],
  [
    "no time for the load balancer",
    { gateway: { drain: { healthChecks: "0s" } } },
    'gateway.drain.healthChecks must be a duration from 1s to 10m, got "0s" (whole numbers of h, m, s and ms, such as 90s or 1m30s)',
  ],
  [
    "connections that end before the load balancer knows",
    { gateway: { drain: { healthChecks: "90s" } } },
    "gateway.drain must leave connections as long as healthChecks, got 60s and 90s (raise connections: the proxy would end before the load balancer has seen it)",
  ],
  [
    "a priority in place of its class",
    { gateway: { priorityClass: "High Priority" } },
    'gateway.priorityClass must be the name of a PriorityClass such as system-cluster-critical, got "High Priority" (kubectl get priorityclasses lists them)',
  ],
  [
    "no controllers",
    { controllers: { replicas: 0 } },
    "controllers.replicas must be at least 1, got 0 (see the settings table)",
  ],
  [
    "annotations in a list",
    { gateway: { annotations: ["a"] } },
    "gateway.annotations must be an object, got [\"a\"] (set it with --path, such as 'gateway.annotations.…')",
  ],
  [
    "an annotation that is not text",
    { gateway: { annotations: { internal: true } } },
    "gateway.annotations.internal must be a string, got true (put it in quotes)",
  ],
  [
    "an annotation that the API server would refuse",
    { gateway: { annotations: { "cloud.example/kind": "network", "foo bar": "" } } },
    'gateway.annotations must have a key such as cloud.example/kind, got "foo bar" (a name of at most 63 letters, digits, "-", "_" and ".", after a domain and "/" if the cloud\'s documentation gives one)',
  ],
  [
    "annotations too large for an object",
    { gateway: { annotations: { a: "a".repeat(262_144) } } },
    "gateway.annotations must be at most 262144 bytes in all, keys and values, got 262145 (a limit of Kubernetes: shorten the values)",
  ],
  [
    "an annotation that names the load balancer like the edge itself",
    { gateway: { annotations: { "load-balancer.hetzner.cloud/hostname": "edge.example.com" } } },
    'gateway.annotations["load-balancer.hetzner.cloud/hostname"] must be a name outside the edge\'s domains, got "edge.example.com" (the records of example.com and *.example.com would lead to themselves; leave the annotation away, or give a name that has an A record of its own elsewhere)',
  ],
  [
    "HSTS without a time",
    { clientTraffic: { hsts: {} } },
    "clientTraffic.hsts.maxAge must be a string, got nothing (see the settings table)",
  ],
  [
    "HSTS for a time that is none, once",
    { clientTraffic: { hsts: { maxAge: "2y", preload: true } } },
    'clientTraffic.hsts.maxAge must be a time in words, from 0 seconds to 2 years, got "2y" (such as "5 minutes", "1 day", "3 months": a whole number and one of second, minute, hour, day, week, month, year)',
  ],
  [
    "HSTS in browsers' lists too early",
    { clientTraffic: { hsts: { maxAge: "1 day", preload: true } } },
    'clientTraffic.hsts.preload must come with maxAge "2 years" and includeSubDomains, got "1 day" and false (browsers\' lists are left only in months: raise both first, and live with them for a while)',
  ],
  [
    "HSTS with the set guide",
    { versions: { set: "guide" }, clientTraffic: { hsts: { maxAge: "1 day" } } },
    'clientTraffic.hsts must be left out with Envoy Gateway 1.3.3, got a setting (its policies set no headers of answers: take versions.set "current", or let the applications send Strict-Transport-Security)',
  ],
  [
    "an encoding of another name",
    { backendTraffic: { compression: ["gzip", "brotli"] } },
    'backendTraffic.compression[1] must be br or gzip or zstd, got "brotli" (set one of these, or leave it out)',
  ],
  [
    "an encoding that stands twice",
    { backendTraffic: { compression: ["br", "gzip", "br"] } },
    'backendTraffic.compression must name each encoding once, got "br" twice (remove one)',
  ],
  [
    "no encoding",
    { backendTraffic: { compression: [] } },
    "backendTraffic.compression must hold at least one entry, got [] (see the settings table)",
  ],
  [
    "zstd with the set guide",
    { versions: { set: "guide" }, backendTraffic: { compression: ["zstd"] } },
    'backendTraffic.compression must be of br and gzip with Envoy Gateway 1.3.3, got "zstd" (take it out, or take versions.set "current")',
  ],
  [
    "a redirect by another status",
    { redirect: { statusCode: 307 } },
    "redirect.statusCode must be 301 or 308, got 307 (set one of these, or leave it out)",
  ],
  [
    "308 with the set guide",
    { versions: { set: "guide" }, redirect: { statusCode: 308 } },
    'redirect.statusCode must be 301 with Gateway API 1.2.1, got 308 (its routes know 301 and 302 alone: leave it out, or take versions.set "current")',
  ],
  [
    "an IP family of another name",
    { gateway: { ipFamily: "ipv6" } },
    'gateway.ipFamily must be IPv4 or IPv6 or DualStack, got "ipv6" (set one of these, or leave it out)',
  ],
  [
    "a place of a cert-manager that the edge installs itself",
    { certManager: { namespace: "certificates" } },
    'certManager.namespace must be left out without certManager.existing, got "certificates" (what the edge installs has fixed names)',
  ],
  [
    "a class that is no name",
    { envoyGateway: { existing: true, gatewayClass: "Envoy" } },
    'envoyGateway.gatewayClass must be the name of a GatewayClass such as eg, got "Envoy" (kubectl get gatewayclasses lists them)',
  ],
  [
    "a mirror with a scheme",
    { mirror: "https://registry.company.example/" },
    'mirror must be a registry, with a path if need be, such as registry.company.example/mirror, got "https://registry.company.example/" (no https://, no slash at the end)',
  ],
  [
    "a mirror of which the proxies' image is not known",
    { mirror: "registry.company.example", versions: { envoyGateway: "1.9.3" } },
    "gateway.image must be set with mirror and Envoy Gateway 1.9.3, got nothing (which image it asks for by itself is not known here: take it from its release, with its digest)",
  ],
  [
    "an edge's name that is no label",
    { name: "Shop.1" },
    'name must be a label of at most 30 characters such as shop, got "Shop.1" (lower case letters, digits and hyphens; it becomes a part of other names)',
  ],
  [
    "the name by which an edge would stand in Envoy Gateway's namespace",
    { name: "system" },
    'name must not be "system" (namespace envoy-gateway-system is Envoy Gateway\'s own; choose another name)',
  ],
  [
    "a cluster by another id than its UID",
    { cluster: { uid: "prod" } },
    'cluster.uid must be a UID, got "prod" (kubectl get namespace kube-system -o jsonpath={.metadata.uid})',
  ],
  [
    "an image without a tag",
    { gateway: { image: "mirror.example/envoy" } },
    'gateway.image must be an image with a tag or a digest, such as registry.company.example/envoyproxy/envoy:distroless-v1.39.6, got "mirror.example/envoy" (any other image may change when a proxy restarts)',
  ],
  [
    "a switch for a part",
    { landing: true },
    "landing must be an object, got true (set it with --path, such as 'landing.…')",
  ],
  [
    "a host of two labels",
    { whoami: { host: "a.b" } },
    'whoami.host must be one label such as whoami, got "a.b" (lower case, no dots: the certificate covers one level below the domain)',
  ],
];

const unknown: [string, object, string][] = [
  [
    "HTTP/3 with PROXY protocol",
    { clientTraffic: { http3: true }, proxyProtocol: { loadBalancer: "hetzner", phase: "prepare" } },
    "clientTraffic.http3 must be left out with proxyProtocol, got true (PROXY protocol is for TCP, and Envoy refuses HTTP/3 with it)",
  ],
  [
    "trusted proxies with PROXY protocol, by which the load balancer itself tells the address",
    { trustedProxies: { hops: 1 }, proxyProtocol: { loadBalancer: "hetzner", phase: "prepare" } },
    "trustedProxies must not go with proxyProtocol, got both (the load balancer tells the client's address by PROXY protocol, and adds nothing to X-Forwarded-For; if there are further proxies before it, set trustedProxies.beforeBalancer)",
  ],
  [
    "a duration in words",
    { clientTraffic: { idleTimeout: "5 minutes" } },
    'clientTraffic.idleTimeout must be a duration such as 30s or 1m30s, got "5 minutes" (whole numbers of h, m, s and ms; 0s for no limit)',
  ],
  [
    "a duration without a unit",
    { backendTraffic: { requestTimeout: "30" } },
    'backendTraffic.requestTimeout must be a duration such as 30s or 1m30s, got "30" (whole numbers of h, m, s and ms; 0s for no limit)',
  ],
  [
    "a window that HTTP/2 does not know",
    { clientTraffic: { initialStreamWindowSize: "32Ki" } },
    'clientTraffic.initialStreamWindowSize must be a size from 64Ki to 16Mi, got "32Ki" (a whole number of Ki or Mi)',
  ],
  [
    "buffers of less than Envoy reads at once",
    { clientTraffic: { bufferLimit: "8Ki" } },
    'clientTraffic.bufferLimit must be a size from 16Ki to 4Mi, got "8Ki" (a whole number of Ki or Mi)',
  ],
  [
    "buffers of bytes without a unit",
    { backendTraffic: { bufferLimit: "262144" } },
    'backendTraffic.bufferLimit must be a size from 16Ki to 4Mi, got "262144" (a whole number of Ki or Mi)',
  ],
  [
    "a listener without connections",
    { clientTraffic: { connectionLimit: 0 } },
    "clientTraffic.connectionLimit must be at least 1, got 0 (see the settings table)",
  ],
  [
    "another word for what becomes of %2F",
    { clientTraffic: { escapedSlashesAction: "keep" } },
    'clientTraffic.escapedSlashesAction must be KeepUnchanged or RejectRequest or UnescapeAndForward or UnescapeAndRedirect, got "keep" (set one of these, or leave it out)',
  ],
  [
    "a limit that Envoy Gateway 1.3 does not have",
    { versions: { set: "guide" }, clientTraffic: { streamIdleTimeout: "5m" } },
    'clientTraffic.streamIdleTimeout must be left out with Envoy Gateway 1.3.3, got "5m" (its policies have no such limit: take versions.set "current")',
  ],
  [
    "more retries than help",
    { backendTraffic: { numRetries: 11 } },
    "backendTraffic.numRetries must be at most 10, got 11 (see the settings table)",
  ],
  ["", { domain: "example.com" }, `domain must be a setting, got an unknown name (known: ${keys})`],
  ...Object.entries(everything)
    // These have settings that must be given, or none, or that do not go together.
    .filter(
      ([key]) => !["domains", "name", "mirror", "trustedProxies", "proxyProtocol", "acme", "landing"].includes(key),
    )
    .map(([key, block]): [string, object, string] => [
      key,
      { [key]: { typo: 1 } },
      `${key}.typo must be a setting, got an unknown name (known in ${key}: ${Object.keys(block).join(", ")})`,
    ]),
  [
    "landing",
    { landing: { typo: 1 } },
    "landing.typo must be a setting, got an unknown name (known in landing: title, text, page, folder, status, noindex, contentSecurityPolicy)",
  ],
  [
    "trustedProxies",
    { trustedProxies: { hops: 1, typo: 1 } },
    "trustedProxies.typo must be a setting, got an unknown name (known in trustedProxies: hops, cidrs, cloudflare, only, beforeBalancer)",
  ],
  [
    "domains[0]",
    { domains: [{ name: "example.com", typo: 1 }] },
    "domains[0].typo must be a setting, got an unknown name (known in domains[0]: name, zone, zoneId, accountId)",
  ],
  [
    "acme",
    { acme: { typo: 1 } },
    "acme.typo must be a setting, got an unknown name (known in acme: environment, email, waitInsteadOfSelfCheck, profile, renewBeforePercentage, renewalInfo, rehearsal, ignoreLimits, keepCertificates, server)",
  ],
  [
    "acme.server",
    { acme: { server: { url, skipTLSVerify: true } } },
    "acme.server.skipTLSVerify must be a setting, got an unknown name (known in acme.server: url, caBundle, eabKeyId)",
  ],
];

describe("Schema", () => {
  it("accepts the smallest settings", () => assert.deepEqual(problemsOf(good), []));

  it("accepts every setting", () => assert.deepEqual(problemsOf(everything), []));

  for (const [what, settings, problem] of problems) {
    it(`rejects ${what}`, () => assert.deepEqual(problemsOf({ ...good, ...settings }), [problem]));
  }

  for (const [where, settings, problem] of unknown) {
    it(`rejects an unknown name in ${where || "the settings"}`, () =>
      assert.deepEqual(problemsOf({ ...good, ...settings }), [problem]));
  }

  it("accepts a private public suffix of whoever knows its zone's id", () => {
    const zoneId = "0".repeat(32);
    assert.deepEqual(problemsOf({ domains: [{ name: "github.io", zoneId }, { name: "example.com" }] }), []);
  });

  it("accepts error pages where Envoy Gateway tells the proxies' own answers from the applications'", () => {
    const backendTraffic = { errorPages: {} };
    assert.deepEqual(problemsOf({ ...good, backendTraffic }), []);
    assert.deepEqual(problemsOf({ ...good, backendTraffic, versions: { set: "guide" } }), [
      'backendTraffic.errorPages must be left out with Envoy Gateway 1.3.3, got a setting (it would put them in place of the applications\' own answers too: take versions.set "current")',
    ]);
  });

  it("accepts a landing page by the version of Envoy Gateway that holds it", () => {
    const landing = { text: "a".repeat(5_000) };
    assert.deepEqual(problemsOf({ ...good, landing }), []);
    assert.deepEqual(
      problemsOf({ ...good, landing, versions: { set: "guide" } }).map((problem) =>
        problem.replace(/got \d+/, "got …"),
      ),
      [
        "landing must make a page of at most 4096 bytes with Envoy Gateway 1.3.3, got … (shorten landing.title or landing.text)",
      ],
    );
  });

  it("takes secrets for unknown names, unless they are taken out first", () => {
    const secret = pulumi.secret("secret");
    const args = {
      ...good,
      cloudflare: { rotation: "1", mintingToken: secret, dnsToken: secret },
      acme: { server: { url, eabKeyId: "kid", eabHmacKey: secret } },
    };
    assert.equal(problemsOf(args).length, 3);
    const plain = { ...good, cloudflare: { rotation: "1" }, acme: { server: { url, eabKeyId: "kid" } } };
    assert.deepEqual(withoutSecrets(args), plain);
    assert.deepEqual(problemsOfArgs(args), []);
  });

  it("rejects a key id without its key among arguments, whose secrets are there", () =>
    assert.deepEqual(problemsOfArgs({ ...good, acme: { server: { url, eabKeyId: "kid" } } }), [
      'acme.server.eabKeyId must come with its key, got "kid" alone (pulumi config set --secret https-edge:eabHmacKey)',
    ]));

  it("reports every problem at once", () => {
    const all = { domains: [{ name: "*.example.com" }, { name: "a..b", typo: 1 }], acme: { email: "me" }, more: 1 };
    assert.deepEqual(
      problemsOf(all).map((problem) => problem.split(" ")[0]),
      ["domains[0].name", "domains[1].name", "domains[1].typo", "acme.email", "more"],
    );
  });

  it("counts problems in its message", () => {
    assert.equal(problemsMessage(["a"]), "One setting is wrong; nothing was changed:\n  a");
    assert.equal(problemsMessage(["a", "b"]), "2 settings are wrong; nothing was changed:\n  a\n  b");
  });
});
