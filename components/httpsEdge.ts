/** The HTTPS edge: every request for the domains enters Kubernetes through one Gateway, over TLS. */
import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Certificate } from "./certificate";
import { CertManager } from "./certManager";
import { CloudflareToken } from "./cloudflareToken";
import { Crds } from "./crds";
import { DnsRecords } from "./dnsRecords";
import { EnvoyGateway } from "./envoyGateway";
import { Gateway, gatewayNamespace } from "./gateway";
import { Issuers } from "./issuers";
import { Landing } from "./landing";
import type { Listener } from "./listener";
import { Proxies } from "./proxies";
import { Redirect } from "./redirect";
import type { Addresses } from "./rules/addresses";
import { parse, problemsMessage } from "./rules/problems";
import { servesWithoutEveryCertificate, versionsOf } from "./rules/versions";
import { type HttpsEdgeArgs, settingsSchema, withoutSecrets } from "./schema";
import { Whoami } from "./whoami";
import { domainsOf, zonesOf } from "./zones";

/** Pulumi's options, and the provider for the one kind of object that outlives an edge. */
export interface HttpsEdgeOptions extends pulumi.ComponentResourceOptions {
  /**
   * Kubernetes provider for the CRDs, of the same cluster and with `upsertExistingObjects`: it takes over the CRDs that an earlier edge
   * left. Set that option on no other provider: it would take over objects of others, and delete them on destroy.
   * @default - the Kubernetes provider of `providers`; the CRDs must then not exist
   */
  crdsProvider?: kubernetes.Provider;
}

/**
 * The whole edge. Pass both providers. On Kubernetes' set `enableSecretMutable`, so that a rotated token is updated in place, and a constant
 * `clusterIdentifier`, so that a renewed kubeconfig does not replace every object. One cluster holds one edge:
 * https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/
 *
 * Errors: one `pulumi.RunError` with a line for each problem of the arguments, before anything is registered; later ones name their part.
 */
export class HttpsEdge extends pulumi.ComponentResource {
  /** Where the edge answers, a URL a domain. */
  readonly urls: string[];
  /** The load balancer's addresses, which the domains and their wildcards lead to. */
  readonly addresses: pulumi.Output<Addresses>;
  /** The HTTPS listener, for an `HttpsRoute`. */
  readonly https: Listener;

  constructor(name: string, args: HttpsEdgeArgs, { crdsProvider, ...opts }: HttpsEdgeOptions = {}) {
    const parsed = parse(settingsSchema, withoutSecrets(args));
    if ("problems" in parsed) throw new pulumi.RunError(problemsMessage(parsed.problems));
    super("https-edge:index:HttpsEdge", name, {}, opts);

    const versions = versionsOf(args.versions);
    const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });
    const id = (part: string) => `${name}-${part}`;

    const domains = domainsOf(args.domains, args.cloudflare?.accountId, { parent: this });
    const names = domains.map((domain) => domain.name);
    const zones = zonesOf(domains);
    const crds = new Crds(id("crds"), { ...args.crds, versions }, { ...after(), provider: crdsProvider });
    const certManager = new CertManager(id("cert-manager"), { versions }, after());
    const envoyGateway = new EnvoyGateway(id("envoy-gateway"), { versions, crds }, after());
    const token = new CloudflareToken(
      id("cloudflare-token"),
      { ...args.cloudflare, label: names[0] ?? name, zones, namespace: certManager.namespace },
      after(),
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
