/** Everything that an edge decides, in the order of its parts; each part documents and checks its own. */
import { z } from "zod";
import { type BackendTrafficArgs, backendTrafficSetting } from "./backendTraffic";
import { type CertManagerArgs, certManagerSetting } from "./certManager";
import { type ClientTrafficArgs, checkClientTraffic, clientTrafficSetting } from "./clientTraffic";
import { type CloudflareArgs, checkOwner, cloudflareSetting } from "./cloudflareToken";
import { type ClusterArgs, clusterSetting } from "./cluster";
import { checkCompression } from "./compression";
import { type ControllersArgs, controllersSetting } from "./controllers";
import { type CrdsArgs, crdsSetting } from "./crds";
import { type EnvoyGatewayArgs, envoyGatewaySetting } from "./envoyGateway";
import { checkErrorPages } from "./errorPages";
import { type HostsArgs, hostsSetting } from "./hosts";
import { checkHsts } from "./hsts";
import { type AcmeArgs, acmeSetting, checkServer } from "./issuers";
import { checkLanding, type LandingArgs, landingSetting } from "./landing";
import { type MonitoringArgs, monitoringSetting } from "./monitoring";
import { type ProxiesArgs, proxiesSetting } from "./proxiesSetting";
import { endsOf, type ProxyProtocolArgs, proxyProtocolProblems, proxyProtocolSetting } from "./proxyProtocol";
import { checkStatusCode, type RedirectArgs, redirectSetting } from "./redirect";
import { checkRenewalInfo } from "./rules/acme";
import { checkAnnotation } from "./rules/addresses";
import { checkEdgeName } from "./rules/checks";
import { checkMirror } from "./rules/mirror";
import { parse, text } from "./rules/problems";
import { checkEdgeCertificate } from "./rules/proxied";
import { proxyImage, type VersionSet, type VersionsArgs, versionsOf, versionsSetting } from "./rules/versions";
import { type ServingArgs, servingSetting } from "./serving";
import {
  checkBesideProxied,
  checkBesideProxyProtocol,
  type TrustedProxiesArgs,
  trustedProxiesSetting,
} from "./trustedProxies";
import { type WhoamiArgs, whoamiSetting } from "./whoami";
import { type DomainArgs, domainsSetting } from "./zones";

/** Arguments of the edge; a stack's settings are the same, but for the secrets. */
export interface HttpsEdgeArgs {
  /** Domains to serve, each with its wildcard; at most 64. Add new ones at the end. */
  domains: DomainArgs[];
  /**
   * Name of the edge, which tells it from the others of its cluster: of its Gateway, and the end of every other name of its own, such as
   * `envoy-gateway-shop`. A change makes all of that anew.
   * @default "eg", with the names that most guides use
   */
  name?: string;
  /**
   * Which cluster the edge stands in.
   * @default - the one that KUBECONFIG leads to
   */
  cluster?: ClusterArgs;
  /**
   * Versions of what is installed.
   * @default - the newest set
   */
  versions?: VersionsArgs;
  /**
   * Mirrors of the CRD files. The files are read through HTTPS_PROXY where it is set, as charts are.
   * @default - the pinned releases' files
   */
  crds?: CrdsArgs;
  /**
   * A registry that has the charts and the images of everything that the edge runs, each under its own path, tag and digest:
   * `registry.company.example/mirror` has `jetstack/cert-manager-controller` below it. The files of the CRDs are mirrored by `crds`.
   * @default - the public registries
   */
  mirror?: string;
  /**
   * Whose cert-manager it is.
   * @default - the edge's own
   */
  certManager?: CertManagerArgs;
  /**
   * Whose Envoy Gateway it is.
   * @default - the edge's own
   */
  envoyGateway?: EnvoyGatewayArgs;
  /**
   * How Envoy Gateway and cert-manager run.
   * @default - with two pods where it matters
   */
  controllers?: ControllersArgs;
  /**
   * Whose the Cloudflare token is, and which; and whether Cloudflare's proxy stands in front.
   * @default - a token of the zones' account, never replaced; no proxy
   */
  cloudflare?: CloudflareArgs;
  /**
   * How certificates are obtained.
   * @default - from Let's Encrypt's staging environment
   */
  acme?: AcmeArgs;
  /**
   * How the Gateway's proxies run.
   * @default - two proxies
   */
  gateway?: ProxiesArgs;
  /**
   * How the Gateway takes its clients' connections and requests.
   * @default - see docs/traffic.md
   */
  clientTraffic?: ClientTrafficArgs;
  /**
   * How the Gateway treats the applications behind it.
   * @default - see docs/traffic.md
   */
  backendTraffic?: BackendTrafficArgs;
  /**
   * Proxies in front of the edge that are believed what they tell of the client: `hops`, `cidrs` or `cloudflare`.
   * @default - none: a client's address is that of its connection
   */
  trustedProxies?: TrustedProxiesArgs;
  /**
   * How plain HTTP is sent to HTTPS.
   * @default - with status 301
   */
  redirect?: RedirectArgs;
  /**
   * Which hosts the namespaces that attach may claim.
   * @default - any host one label below a domain, as far as a namespace's annotation does not say which
   */
  hosts?: HostsArgs;
  /**
   * PROXY protocol, by which the load balancer tells the proxies its clients' addresses. Not every one needs it: docs/traffic.md.
   * @default - off
   */
  proxyProtocol?: ProxyProtocolArgs;
  /**
   * The page for hosts that no route claims; `{}` for the default page: docs/landing.md.
   * @default - no page: an unclaimed host gets Envoy's bare 404
   */
  landing?: LandingArgs;
  /**
   * A first application; `{}` for the defaults.
   * @default - none
   */
  whoami?: WhoamiArgs;
  /**
   * How Prometheus and Grafana come to know of the edge; `{}` for the defaults. See docs/monitoring.md.
   * @default - by the annotations alone that Envoy Gateway and the charts set
   */
  monitoring?: MonitoringArgs;
  /**
   * How `up` makes sure that HTTPS is answered.
   * @default - by a request for each domain at the Gateway's addresses
   */
  serving?: ServingArgs;
}

/** The settings of a stack, without its secrets: each by itself, and then those that must fit together. */
export const settingsSchema = z
  .strictObject({
    domains: domainsSetting,
    name: text(checkEdgeName).optional(),
    cluster: clusterSetting.optional(),
    versions: versionsSetting.optional(),
    crds: crdsSetting.optional(),
    mirror: text(checkMirror).optional(),
    certManager: certManagerSetting.optional(),
    envoyGateway: envoyGatewaySetting.optional(),
    controllers: controllersSetting.optional(),
    cloudflare: cloudflareSetting.optional(),
    acme: acmeSetting.optional(),
    gateway: proxiesSetting.optional(),
    clientTraffic: clientTrafficSetting.optional(),
    backendTraffic: backendTrafficSetting.optional(),
    trustedProxies: trustedProxiesSetting.optional(),
    redirect: redirectSetting.optional(),
    hosts: hostsSetting.optional(),
    proxyProtocol: proxyProtocolSetting.optional(),
    landing: landingSetting.optional(),
    whoami: whoamiSetting.optional(),
    monitoring: monitoringSetting.optional(),
    serving: servingSetting.optional(),
  } satisfies { [K in keyof Required<HttpsEdgeArgs>]: z.ZodType })
  .superRefine((settings, context) => {
    const {
      domains,
      acme,
      certManager,
      cloudflare,
      gateway,
      clientTraffic = {},
      backendTraffic,
      redirect,
      trustedProxies,
      proxyProtocol,
      landing,
    } = settings;
    const versions = versionsOf(settings.versions);
    const object = (path: (string | number)[], message: string | undefined) =>
      message && context.addIssue({ code: "custom", path, message });
    for (const [key, message] of Object.entries(checkClientTraffic(clientTraffic, versions)))
      object(["clientTraffic", key], message);
    object(["clientTraffic", "hsts"], clientTraffic.hsts && checkHsts(versions));
    const { compression, errorPages } = backendTraffic ?? {};
    object(["backendTraffic", "compression"], compression && checkCompression(compression, versions));
    object(["gateway", "image"], settings.mirror && !gateway?.image ? checkProxyImage(versions) : undefined);
    object(["backendTraffic", "errorPages"], errorPages && checkErrorPages(versions));
    object(["redirect", "statusCode"], redirect && checkStatusCode(redirect, versions));
    object(["landing"], landing && checkLanding(landing, versions));
    object(
      ["acme", "renewalInfo"],
      acme?.renewalInfo ? checkRenewalInfo(versions, certManager?.existing === true) : undefined,
    );
    object(["cloudflare", "owner"], checkOwner(cloudflare ?? {}, domains));
    object(["trustedProxies"], checkBesideProxied(trustedProxies, cloudflare?.proxied));
    for (const [index, { name, zone = name }] of domains.entries())
      if (cloudflare?.proxied)
        object(["domains", index, "name"], checkEdgeCertificate(name, zone, cloudflare.edgeCertificates));
    const headers = endsOf(proxyProtocol).proxies !== "none";
    object(["trustedProxies"], checkBesideProxyProtocol(trustedProxies, headers));
    object(["clientTraffic", "http3"], clientTraffic.http3 && headers ? notForUdp : undefined);
    for (const { path, message } of proxyProtocolProblems(proxyProtocol, gateway?.annotations ?? {}, versions))
      object(path, message);
    const names = domains.map(({ name }) => name);
    for (const [key, value] of Object.entries(gateway?.annotations ?? {}))
      object(["gateway", "annotations", key], checkAnnotation(key, value, names));
  });

/** A mirror has the proxies' image by a name that must be told. */
const checkProxyImage = (versions: VersionSet): string | undefined =>
  proxyImage(versions)
    ? undefined
    : `must be set with mirror and Envoy Gateway ${versions.envoyGateway}, got nothing (which image it asks for by itself is not known here: take it from its release, with its digest)`;

const notForUdp =
  "must be left out with proxyProtocol, got true (PROXY protocol is for TCP, and Envoy refuses HTTP/3 with it)";

/** Arguments without their secrets, which are checked when they are known. */
export const withoutSecrets = ({ acme, cloudflare, cluster, ...args }: HttpsEdgeArgs): unknown => {
  const { mintingToken: _minting, dnsToken: _dns, ...plain } = cloudflare ?? {};
  const { kubeconfig: _kubeconfig, context: _context, ...pinned } = cluster ?? {};
  const { eabHmacKey: _key, ...server } = acme?.server ?? {};
  return {
    ...args,
    ...(acme && { acme: { ...acme, ...(acme.server && { server }) } }),
    ...(cloudflare && { cloudflare: plain }),
    ...(cluster && { cluster: pinned }),
  };
};

/** Every problem of arguments: of their values by the schema, and of which secrets are there. */
export const problemsOf = (args: HttpsEdgeArgs): string[] => {
  const parsed = parse(settingsSchema, withoutSecrets(args));
  const missing = "problems" in parsed ? undefined : checkServer(args.acme);
  return [...("problems" in parsed ? parsed.problems : []), ...(missing ? [missing] : [])];
};
