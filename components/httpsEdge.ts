/** The HTTPS edge: every request for the domains enters Kubernetes through one Gateway, over TLS. */
import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Certificate, tlsSecretName } from "./certificate";
import { CertManager } from "./certManager";
import { CloudflareToken } from "./cloudflareToken";
import { Crds, type CrdsArgs } from "./crds";
import { Dns } from "./dns";
import { EnvoyGateway } from "./envoyGateway";
import { type Address, Gateway, gatewayNamespace, type ParentRef } from "./gateway";
import { Issuers } from "./issuers";
import { Landing } from "./landing";
import { Redirect } from "./redirect";
import { faultsMessage, findFaults, versionsOf, withoutSecrets } from "./schema";
import { servesWithoutEveryCertificate } from "./versions";
import { Whoami } from "./whoami";
import { zoneIds, zoneOf } from "./zones";

/** A domain to serve, with its wildcard. */
export interface DomainArgs {
  /** The bare name: `example.com` or `staging.example.com`. */
  name: string;
  /**
   * The Cloudflare zone that the name lies in.
   * @default - the name itself
   */
  zone?: string;
  /**
   * Id of the zone. With it the zone is not looked up.
   * @default - looked up by name
   */
  zoneId?: string;
}

/** Let's Encrypt's two environments. */
export enum AcmeEnvironment {
  Staging = "staging",
  Production = "production",
}

/** How certificates are obtained. */
export interface AcmeArgs {
  /**
   * Which Let's Encrypt issues the serving certificate: `staging` or `production`. A change re-issues while the old one serves.
   * @default "staging", whose certificates browsers do not trust but whose limits are wide
   */
  environment?: AcmeEnvironment | `${AcmeEnvironment}`;
  /**
   * Contact of the ACME account. Let's Encrypt needs none and refuses addresses at example.com.
   * @default - none
   */
  email?: string;
  /**
   * How long cert-manager lets a challenge's record spread before it asks for validation, such as `90s`; or `selfCheck`, to look
   * the record up itself first. Used from cert-manager 1.21 on; before, it always looks. See issuers.ts for why less is a risk.
   * @default "60s"
   */
  waitInsteadOfSelfCheck?: string;
}

/** Who acts at Cloudflare. */
export interface CloudflareArgs {
  /**
   * Account that owns the zones. With it the token belongs to the account, without it to the user of the deploying token.
   * @default - a user's token
   */
  accountId?: string;
  /**
   * Change it to any other value to replace the token, such as the date: `2026-11`.
   * @default - never replaced
   */
  rotation?: string;
  /**
   * A credential that may create tokens, when the provider's own may only edit DNS.
   * @default - the Cloudflare provider's
   */
  mintingToken?: pulumi.Output<string>;
  /**
   * A token with Zone Read and DNS Write on the zones, used as it is instead of creating one.
   * @default - a token is created
   */
  dnsToken?: pulumi.Output<string>;
}

/** How the Gateway's proxies run. */
export interface GatewayArgs {
  /**
   * Number of Envoy proxies.
   * @default 2
   */
  replicas?: number;
  /**
   * Annotations of the load balancer's Service, in the cloud's own words.
   * @default - none
   */
  annotations?: Record<string, string>;
}

/** What the landing page says on the apex. */
export interface LandingArgs {
  /** @default "It works" */
  title?: string;
  /** @default - a hint to attach an HTTPRoute */
  text?: string;
}

/** The first application. */
export interface WhoamiArgs {
  /**
   * Its label below each domain.
   * @default "whoami"
   */
  host?: string;
  /** @default 2 */
  replicas?: number;
}

/** Versions of what is installed. */
export interface VersionsArgs {
  /**
   * A set of versions that go together: `current` or `guide`; see versions.ts.
   * @default "current"
   */
  set?: string;
  /** @default - the set's */
  envoyGateway?: string;
  /** @default - the set's */
  gatewayApi?: string;
  /** @default - the set's */
  certManager?: string;
}

/** Everything that an edge decides, in the order of its parts. */
export interface HttpsEdgeArgs {
  domains: DomainArgs[];
  /** @default - the newest set */
  versions?: VersionsArgs;
  /** @default - the pinned releases' files */
  crds?: CrdsArgs;
  cloudflare?: CloudflareArgs;
  acme?: AcmeArgs;
  gateway?: GatewayArgs;
  /** @default - no page: an unclaimed host gets Envoy's bare 404 */
  landing?: LandingArgs;
  /** @default - no first application */
  whoami?: WhoamiArgs;
}

/** Pulumi's options, and the provider for the one kind of object that outlives an edge. */
export interface HttpsEdgeOptions extends pulumi.ComponentResourceOptions {
  /**
   * Kubernetes provider for the CRDs, of the same cluster and with `upsertExistingObjects`: it takes over the CRDs that an earlier edge
   * left. Set that option on no other provider, which would then take over objects of others, and delete them on destroy.
   * @default - the Kubernetes provider of `providers`; the CRDs must then not exist
   */
  crdsProvider?: kubernetes.Provider;
}

/**
 * The whole edge. Pass both providers. On Kubernetes' set `enableSecretMutable`, so that a rotated token is updated in place, and a constant
 * `clusterIdentifier`, so that a renewed kubeconfig does not replace every object. One cluster holds one edge:
 * https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/
 *
 * Errors: one `pulumi.RunError` with a line for each fault of the arguments, before anything is registered; later ones name their part.
 */
export class HttpsEdge extends pulumi.ComponentResource {
  /** Where the edge answers, a URL a domain. */
  readonly urls: string[];
  /** The load balancer's address, which the domains and their wildcards lead to. */
  readonly address: pulumi.Output<Address>;
  /** What an HTTPRoute names as its `parentRef` to be served over HTTPS. */
  readonly parentRef: pulumi.Output<ParentRef>;

  constructor(name: string, args: HttpsEdgeArgs, { crdsProvider, ...opts }: HttpsEdgeOptions = {}) {
    const faults = findFaults(withoutSecrets(args));
    if (faults.length > 0) throw new pulumi.RunError(faultsMessage(faults));
    super("https-edge:index:HttpsEdge", name, {}, opts);

    const versions = versionsOf(args);
    const domains = args.domains.map((domain) => domain.name);
    const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });

    const zones = zoneIds(args.domains, args.cloudflare?.accountId, { parent: this });
    const crds = new Crds(`${name}-crds`, { ...args.crds, versions }, { ...after(), provider: crdsProvider });
    const certManager = new CertManager(`${name}-cert-manager`, { versions }, after());
    const envoyGateway = new EnvoyGateway(`${name}-envoy-gateway`, { versions, crds }, after());
    const token = new CloudflareToken(
      `${name}-cloudflare-token`,
      {
        ...args.cloudflare,
        label: domains[0] ?? name,
        zoneIds: Object.values(zones),
        namespace: certManager.namespace,
      },
      after(),
    );
    const issuers = new Issuers(
      `${name}-issuers`,
      {
        ...args.acme,
        dnsZones: Object.keys(zones),
        apiTokenSecretRef: token.secretRef,
        certManager,
      },
      after(),
    );
    const namespace = gatewayNamespace(`${name}-gateway`, after());
    const certificates = domains.map(
      (domain) =>
        new Certificate(
          `${name}-certificate-${domain}`,
          { domain, namespace, issuerRef: issuers.issuerRef },
          after(token),
        ),
    );
    const gateway = new Gateway(
      `${name}-gateway`,
      {
        ...args.gateway,
        namespace,
        gatewayClassName: envoyGateway.gatewayClassName,
        tlsSecretNames: domains.map(tlsSecretName),
      },
      // Otherwise a further domain would take HTTPS from the others until its own certificate is there.
      after(crds, ...(servesWithoutEveryCertificate(versions) ? [] : certificates)),
    );
    new Redirect(`${name}-redirect`, { parentRef: gateway.http }, after());
    if (args.landing)
      new Landing(`${name}-landing`, { ...args.landing, domains, parentRef: gateway.https, certificates }, after());
    if (args.whoami)
      new Whoami(`${name}-whoami`, { ...args.whoami, domains, parentRef: gateway.https, certificates }, after());
    for (const domain of args.domains) {
      const zoneId = zones[zoneOf(domain)];
      if (zoneId)
        new Dns(`${name}-dns-${domain.name}`, { domain: domain.name, zoneId, address: gateway.address }, after());
    }

    this.urls = domains.map((domain) => `https://${domain}`);
    this.address = gateway.address;
    this.parentRef = gateway.https;
    this.registerOutputs({
      urls: this.urls,
      address: this.address,
      parentRef: this.parentRef,
      certificates: certificates.map(({ status }) => status),
    });
  }
}
