/** The HTTPS edge: every request for the domains enters Kubernetes through one Gateway, over TLS. */
import * as pulumi from "@pulumi/pulumi";
import { Certificate } from "./certificate";
import { CertManager } from "./certManager";
import { CloudflareToken } from "./cloudflareToken";
import { Cluster } from "./cluster";
import { Crds } from "./crds";
import { DnsRecords } from "./dnsRecords";
import { EnvoyGateway } from "./envoyGateway";
import { Gateway, gatewayNamespace } from "./gateway";
import { Issuers } from "./issuers";
import { Landing } from "./landing";
import type { Listener } from "./listener";
import { Proxies } from "./proxies";
import { Redirect } from "./redirect";
import { Preflight } from "./resources/preflight";
import type { Addresses } from "./rules/addresses";
import { parse, problemsMessage } from "./rules/problems";
import { servesWithoutEveryCertificate, versionsOf } from "./rules/versions";
import { type HttpsEdgeArgs, settingsSchema, withoutSecrets } from "./schema";
import { Whoami } from "./whoami";
import { domainsOf, zonesOf } from "./zones";

/**
 * The whole edge. It looks at the cluster first, and makes nothing unless all that it needs is free or its own; one cluster holds one edge.
 * The Cloudflare provider comes by `providers`; the one of Kubernetes is the edge's own, made from `cluster`.
 *
 * Errors: one `pulumi.RunError` with a line for each problem: of the arguments, before anything is registered; of the cluster, the accounts
 * and the files, before anything is made. Later ones name their part.
 */
export class HttpsEdge extends pulumi.ComponentResource {
  /** Where the edge answers, a URL a domain. */
  readonly urls: string[];
  /** The load balancer's addresses, which the domains and their wildcards lead to. */
  readonly addresses: pulumi.Output<Addresses>;
  /** The HTTPS listener, for an `HttpsRoute`. */
  readonly https: Listener;

  constructor(name: string, args: HttpsEdgeArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const parsed = parse(settingsSchema, withoutSecrets(args));
    if ("problems" in parsed) throw new pulumi.RunError(problemsMessage(parsed.problems));
    super("https-edge:index:HttpsEdge", name, {}, opts);
    // Its cluster could not be looked at, and any other would be the wrong one.
    if (args.cluster === undefined && this.getProvider("kubernetes:core/v1:Namespace"))
      throw new pulumi.RunError(
        "cluster must say where the edge stands, got a Kubernetes provider instead, which cannot be asked (set cluster.kubeconfig to what the provider was made from)",
      );

    const versions = versionsOf(args.versions);
    const id = (part: string) => `${name}-${part}`;

    const preflight = new Preflight();
    const cluster = new Cluster(
      id("cluster"),
      { ...args.cluster, edge: name, versions, crds: args.crds },
      { parent: this },
    );
    preflight.add(cluster.free);
    const own = { parent: this, provider: cluster.provider, transformations: [cluster.own] };
    const after = (...dependsOn: pulumi.Resource[]) => ({ ...own, dependsOn: preflight.before(...dependsOn) });

    const domains = domainsOf(args.domains, args.cloudflare?.accountId, preflight, { parent: this });
    const names = domains.map((domain) => domain.name);
    const zones = zonesOf(domains);
    const crds = new Crds(id("crds"), { ...args.crds, versions, preflight }, after());
    const certManager = new CertManager(id("cert-manager"), { versions }, after());
    const envoyGateway = new EnvoyGateway(id("envoy-gateway"), { versions, crds }, after());
    const token = new CloudflareToken(
      id("cloudflare-token"),
      { ...args.cloudflare, label: names[0] ?? name, zones, preflight, namespace: certManager.namespace },
      own, // its own reads are part of the preflight
    );
    const issuers = new Issuers(id("issuers"), { ...args.acme, zones, token: token.secretRef, certManager }, after());
    const namespace = gatewayNamespace(id("gateway"), after());
    const { issuerRef } = issuers;
    const certificates = names.map(
      (domain) => new Certificate(id(`certificate-${domain}`), { domain, namespace, issuerRef }, after(token)),
    );
    const { parametersRef } = new Proxies(id("proxies"), { ...args.gateway, namespace }, after(crds));
    const { gatewayClassName } = envoyGateway;
    const gateway = new Gateway(
      id("gateway"),
      { gatewayClassName, parametersRef, namespace, domains: names, certificates },
      // Otherwise a further domain would take HTTPS from the others until its own certificate is there.
      after(...(servesWithoutEveryCertificate(versions) ? [] : certificates)),
    );
    const { http, https, addresses } = gateway;
    new Redirect(id("redirect"), { listener: http }, after());
    if (args.landing) new Landing(id("landing"), { ...args.landing, listener: https }, after());
    if (args.whoami) new Whoami(id("whoami"), { ...args.whoami, listener: https }, after());
    for (const domain of domains) new DnsRecords(id(`dns-${domain.name}`), { domain, addresses }, after());

    this.urls = names.map((domain) => `https://${domain}`);
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
