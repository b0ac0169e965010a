/** The HTTPS edge: every request for the domains enters Kubernetes through one Gateway, over TLS. */
import * as pulumi from "@pulumi/pulumi";
import { BackendTraffic } from "./backendTraffic";
import { certificatesFor } from "./certificate";
import { CertManager } from "./certManager";
import { ClientTraffic } from "./clientTraffic";
import { CloudflareToken, tokenScopes } from "./cloudflareToken";
import { Cluster, refuseProvider } from "./cluster";
import { Crds } from "./crds";
import { DnsRecords } from "./dnsRecords";
import { EnvoyGateway } from "./envoyGateway";
import { Gateway, gatewayNamespace } from "./gateway";
import { Guard } from "./guard";
import { Hosts } from "./hosts";
import { Issuers } from "./issuers";
import { Landing } from "./landing";
import type { Listener } from "./listener";
import { Monitoring } from "./monitoring";
import { Proxies } from "./proxies";
import { endsOf } from "./proxyProtocol";
import { Redirect } from "./redirect";
import { Preflight } from "./resources/preflight";
import type { Addresses } from "./rules/addresses";
import { namesOf } from "./rules/names";
import { problemsMessage } from "./rules/problems";
import { encryptionMode } from "./rules/proxied";
import { servesWithoutEveryCertificate, versionsOf } from "./rules/versions";
import { type HttpsEdgeArgs, problemsOf } from "./schema";
import { Serving } from "./serving";
import { TokenProof } from "./tokenProof";
import { sourceRanges, trustedProxies } from "./trustedProxies";
import { Whoami } from "./whoami";
import { domainsOf, zonesOf } from "./zones";

/**
 * The whole edge. It looks at the cluster first, and makes nothing unless all that it needs is free or its own; several edges of a cluster
 * have a name each.
 * The Cloudflare provider comes by `providers`; the one of Kubernetes is the edge's own, made from `cluster`.
 *
 * Errors: one `pulumi.RunError` with a line for each problem: of the arguments, before anything is registered; of the cluster, the accounts,
 * the files and the registries, before anything is made. Later ones name their part.
 */
export class HttpsEdge extends pulumi.ComponentResource {
  /** Where the edge answers, a URL a domain. */
  readonly urls: string[];
  /** The load balancer's addresses, which the domains and their wildcards lead to. */
  readonly addresses: pulumi.Output<Addresses>;
  /** The HTTPS listener, for an `HttpsRoute`. */
  readonly https: Listener;

  constructor(name: string, args: HttpsEdgeArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const problems = problemsOf(args);
    if (problems.length > 0) throw new pulumi.RunError(problemsMessage(problems));
    super("https-edge:index:HttpsEdge", name, {}, opts);
    if (args.cluster === undefined) refuseProvider(this);

    const versions = versionsOf(args.versions);
    const names = namesOf(args);
    const id = (part: string) => `${name}-${part}`;

    const preflight = new Preflight();
    const { proxyProtocol, monitoring } = args;
    const look = { ...args, ...args.cluster, names, component: name, versions, domain: args.domains[0]?.name ?? "" };
    const cluster = new Cluster(id("cluster"), look, { parent: this });
    preflight.add(cluster.free);
    const { way, existing, certManagerVersion: standing } = cluster;
    const common = { names, versions, preflight, way, mirror: args.mirror, monitoring };
    const own = { parent: this, provider: cluster.provider, transformations: [cluster.own] };
    const after = (...dependsOn: pulumi.Resource[]) => ({ ...own, dependsOn: preflight.before(...dependsOn) });

    const domains = domainsOf(args.domains, args.cloudflare?.accountId, preflight, { parent: this });
    const served = domains.map((each) => each.name);
    const { controllers, acme } = args;
    const { keepCertificates, renewalInfo } = acme ?? {};
    const certManagerArgs = { ...controllers, ...args.certManager, ...common, standing, keepCertificates, renewalInfo };
    const certManager = new CertManager(id("cert-manager"), certManagerArgs, after());
    // Pulumi's engine checks one resource after the other. The CRDs, which take it seconds, must not keep the longest chain from its start.
    const crds = new Crds(id("crds"), { ...args.crds, ...common }, { ...own, dependsOn: certManager.begun });
    const envoyGatewayArgs = { ...controllers, ...args.envoyGateway, ...common, crds };
    const envoyGateway = new EnvoyGateway(id("envoy-gateway"), envoyGatewayArgs, after());
    const { gatewayClassName, namespace: controllerNamespace, release } = envoyGateway;
    const tokens = tokenScopes(args.cloudflare ?? {}, zonesOf(domains)).map((scope) => {
      const { accountId, zones } = scope;
      const label = (accountId ? zones[0]?.name : served[0]) ?? name;
      return new CloudflareToken(
        id(["cloudflare-token", accountId].filter(Boolean).join("-")),
        { ...args.cloudflare, ...common, label, scope, namespace: certManager.secretsNamespace },
        own, // its own reads are part of the preflight
      );
    });
    const issuers = { ...acme, ...common, solvers: tokens, certManager };
    const { issuerRef } = new Issuers(id("issuers"), issuers, after());
    const usesControllers = existing.certManager || existing.envoyGateway;
    const namespace = gatewayNamespace(id("gateway"), { names, usesControllers, keepCertificates }, after());
    const proof = { ...common, tokens, domains: served, namespace, issuerRef, server: acme?.server };
    new TokenProof(id("token-proof"), proof, { parent: this });
    const ofCertificates = { ...acme, ...common, namespace, issuerRef };
    const nameOf = (domain: string) => id(`certificate-${domain}`);
    const certificates = certificatesFor(domains, nameOf, ofCertificates, after(...tokens));
    const issued = Promise.all(certificates.map(({ ready }) => ready)).then((each) => each.flat());
    const proxied = args.cloudflare?.proxied;
    if (proxied)
      pulumi.log.info(encryptionMode(args.acme?.server ? "server" : (args.acme?.environment ?? "staging")), this);
    const trusted = trustedProxies(args.trustedProxies, proxied);
    const ofGateway = { ...common, namespace, proxyProtocol };
    const ofClients = { ...args.clientTraffic, ...ofGateway, trusted };
    const clientTraffic = new ClientTraffic(id("client-traffic"), ofClients, after(crds, ...release));
    // The proxies take a PROXY header before the load balancer is told to send it.
    const taken = endsOf(proxyProtocol).balancer ? clientTraffic.policies.map(({ resource }) => resource) : [];
    const proxies = { ...args.gateway, ...ofGateway, sourceRanges: sourceRanges(trusted) };
    const { parametersRef, replicas } = new Proxies(id("proxies"), proxies, after(crds, ...release, ...taken));
    const ofBackends = { ...args.backendTraffic, ...ofGateway };
    const backendTraffic = new BackendTraffic(id("backend-traffic"), ofBackends, after(crds, ...release));
    const policies = [...clientTraffic.policies, ...backendTraffic.policies];
    const hosts = new Hosts(id("hosts"), { ...args.hosts, ...common, domains: served }, after());
    // With an older Envoy Gateway a further domain would take HTTPS from the others until its own certificate is there.
    const ready = servesWithoutEveryCertificate(versions) ? preflight.before() : issued;
    const before = ready.then((each) => [...each, ...policies.map(({ resource }) => resource)]);
    const listened = { domains: served, certificates: issued, admission: hosts.policies };
    const { http, https, addresses } = new Gateway(
      id("gateway"),
      { ...ofGateway, gatewayClassName, parametersRef, ...listened },
      { ...own, dependsOn: before },
    );
    new Redirect(id("redirect"), { ...args.redirect, ...common, listener: http }, after());
    if (args.landing) new Landing(id("landing"), { ...args.landing, ...common, listener: https }, after());
    const { listedOnly } = args.hosts ?? {};
    if (args.whoami) new Whoami(id("whoami"), { ...args.whoami, ...common, listener: https, listedOnly }, after());
    if (monitoring)
      new Monitoring(id("monitoring"), { ...monitoring, ...common, namespace, controllerNamespace, replicas }, after());
    for (const each of domains) new DnsRecords(id(`dns-${each.name}`), { domain: each, addresses, proxied }, after());
    const answers = { domains: served, addresses, certificates: issued, policies, replicas };
    const guarded = trusted?.only === true;
    const serving = { ...args.serving, ...common, ...answers, guarded, proxyProtocol: endsOf(proxyProtocol) };
    new Serving(id("serving"), serving, after());
    if (!existing.certManager || !existing.envoyGateway)
      new Guard(id("guard"), { names, namespace, keeps: cluster.all(addresses) }, after());

    this.urls = served.map((domain) => `https://${domain}`);
    this.addresses = addresses;
    this.https = https;
    this.registerOutputs({
      urls: this.urls,
      addresses,
      parentRef: https.parentRef,
      certificates: certificates.map(({ status }) => status),
    });
  }
}
