/** Pinned versions, which of them go together, and where that is written. */
import { z } from "zod";
import { checkVersion } from "./checks";
import { text } from "./problems";

/** A set of versions that are known to work together. */
export interface VersionSet {
  /** Version of the Envoy Gateway chart and controller. */
  envoyGateway: string;
  /** Version of the Gateway API's CRDs, standard channel. */
  gatewayApi: string;
  /** Version of the cert-manager chart and controllers. */
  certManager: string;
}

/** Each line of Envoy Gateway that can be chosen, with the line of the Gateway API it is built against: https://gateway.envoyproxy.io/news/releases/matrix/ */
const gatewayApiOf: Record<string, string> = { "1.9": "1.6", "1.3": "1.2" };

/** Lines of cert-manager with fixes, and the first patch of each that is safe: https://cert-manager.io/docs/releases/ */
const certManagerFrom: Record<string, { patch: number; because: string }> = {
  "1.21": { patch: 1, because: "1.21.0 leaves an issuer unready when its Secret comes later" },
  "1.20": {
    patch: 3,
    because: "older patches let namespace editors use the issuer's credentials (GHSA-8rvj-mm4h-c258)",
  },
};

/** The sets by name, the newest first. */
export const versionSets = {
  /** Kubernetes 1.33 to 1.36. */
  current: { envoyGateway: "1.9.1", gatewayApi: "1.6.3", certManager: "1.21.2" },
  /** The line of the widely read guide, patched; Kubernetes 1.32. Envoy Gateway 1.3 has had no fixes since July 2025. */
  guide: { envoyGateway: "1.3.3", gatewayApi: "1.2.1", certManager: "1.20.3" },
} satisfies Record<string, VersionSet>;

/** Image of the proxies that a version of Envoy Gateway asks for by itself: `DefaultEnvoyProxyImage` in its api/v1alpha1/shared_types.go. */
const proxyImages: Record<string, string> = {
  "1.9.1":
    "docker.io/envoyproxy/envoy:distroless-v1.39.1@sha256:eb2c01c13125d1629637cb4e4cce7207009fb7cc2c8027f9742758549d15b6f4",
  "1.3.3": "docker.io/envoyproxy/envoy:distroless-v1.33.3",
};

/** That image, or undefined for a version of which it is not known. */
export const proxyImage = ({ envoyGateway }: VersionSet): string | undefined => proxyImages[envoyGateway];

/** The image of the first application: https://github.com/traefik/whoami */
export const whoamiImage = "docker.io/traefik/whoami:v1.11.0";

/** The image of the server of own landing pages, which runs as nobody in particular: https://github.com/nginx/docker-nginx-unprivileged */
export const staticServerImage = "docker.io/nginxinc/nginx-unprivileged:1.30.6-alpine-slim";

/** Versions of what is installed. */
export interface VersionsArgs {
  /**
   * Versions that go together: `current` or `guide` (Envoy Gateway 1.3, without fixes since July 2025).
   * @default "current"
   */
  set?: string;
  /**
   * Version of Envoy Gateway.
   * @default - the set's
   */
  envoyGateway?: string;
  /**
   * Version of the Gateway API's CRDs.
   * @default - the set's
   */
  gatewayApi?: string;
  /**
   * Version of cert-manager.
   * @default - the set's
   */
  certManager?: string;
}

/** The versions that arguments come down to: the named set, with single versions put over it. */
export const versionsOf = ({ set, ...single }: VersionsArgs = {}): VersionSet => {
  const named = Object.entries(versionSets).find(([name]) => name === set)?.[1] ?? versionSets.current;
  const given = Object.entries(single).filter(([, version]) => version !== undefined);
  return { ...named, ...Object.fromEntries(given) };
};

/** CRDs that the standard channel of a Gateway API line holds: https://gateway-api.sigs.k8s.io/concepts/versioning/ */
const gatewayApiCrds: Record<string, string[]> = {
  "1.6": [
    "backendtlspolicies",
    "gatewayclasses",
    "gateways",
    "grpcroutes",
    "httproutes",
    "listenersets",
    "referencegrants",
    "tcproutes",
    "tlsroutes",
    "udproutes",
  ],
  "1.2": ["gatewayclasses", "gateways", "grpcroutes", "httproutes", "referencegrants"],
};

/** Envoy Gateway's own CRDs, the same since 1.3: https://gateway.envoyproxy.io/docs/api/extension_types/ */
const envoyGatewayCrds = [
  "backends",
  "backendtrafficpolicies",
  "clienttrafficpolicies",
  "envoyextensionpolicies",
  "envoypatchpolicies",
  "envoyproxies",
  "httproutefilters",
  "securitypolicies",
];

/** The minor line of a version: 1.9 of 1.9.1. */
export const line = (version: string): string => version.split(".").slice(0, 2).join(".");

/** Tells whether `version` is of the line `than` or of a later one. */
export const isAtLeast = (version: string, than: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split(".").map(Number);
  return major > thanMajor || (major === thanMajor && minor >= thanMinor);
};

/** Tells whether `version` is later than `than`, to the last number. */
export const isNewer = (version: string, than: string): boolean => {
  const a = version.split(/[.-]/).map(Number);
  const b = than.split(/[.-]/).map(Number);
  const at = [0, 1, 2].find((index) => a[index] !== b[index]);
  return at !== undefined && (a[at] ?? 0) > (b[at] ?? 0);
};

/** What is wrong with a combination of versions, or undefined when it is known to work. */
export const checkVersions = ({ envoyGateway, gatewayApi, certManager }: VersionSet): string | undefined => {
  const wanted = gatewayApiOf[line(envoyGateway)];
  if (!wanted)
    return `must name an Envoy Gateway of a known line, got "${envoyGateway}" (known: ${Object.keys(gatewayApiOf).join(", ")})`;
  if (line(gatewayApi) !== wanted)
    return `must go together, got Envoy Gateway ${envoyGateway} with Gateway API ${gatewayApi} (Envoy Gateway ${line(envoyGateway)} is built against Gateway API ${wanted}: change both or neither)`;
  return checkCertManager(certManager);
};

/** What is wrong with a version of cert-manager, whoever installs it. */
export const checkCertManager = (version: string): string | undefined => {
  const safe = certManagerFrom[line(version)];
  if (!safe)
    return `must name a cert-manager of a supported line, got "${version}" (supported: ${Object.keys(certManagerFrom).join(", ")})`;
  if (Number(version.split(".")[2]) < safe.patch)
    return `must name a cert-manager with its fixes, got "${version}" (${safe.because}; take ${line(version)}.${safe.patch} or later)`;
  return undefined;
};

/** The setting `versions`: single versions, and whether they go together. */
export const versionsSetting = z
  .strictObject({
    set: z.enum(["current", "guide"] satisfies (keyof typeof versionSets)[]).optional(),
    envoyGateway: text(checkVersion).optional(),
    gatewayApi: text(checkVersion).optional(),
    certManager: text(checkVersion).optional(),
  } satisfies { [K in keyof Required<VersionsArgs>]: z.ZodType })
  .superRefine((value, context) => {
    const versions = versionsOf(value);
    if (Object.values(versions).some(checkVersion)) return; // reported already, at the single version
    const problem = checkVersions(versions);
    if (problem) context.addIssue({ code: "custom", message: problem });
  });

/** A file of CRDs, and the CRDs it must hold. */
export interface CrdFile {
  /** Where it is published, one address a file; a part of a mirror's when one is set. */
  locations: string[];
  /** API group of its CRDs. */
  group: string;
  /** Plural names of its CRDs. */
  plurals: string[];
}

/** Where the Gateway API publishes the CRDs of its standard channel: https://gateway-api.sigs.k8s.io/guides/getting-started/introduction/ */
export const gatewayApiFile = ({ gatewayApi }: VersionSet): CrdFile => ({
  locations: [`https://github.com/kubernetes-sigs/gateway-api/releases/download/v${gatewayApi}/standard-install.yaml`],
  group: "gateway.networking.k8s.io",
  plurals: gatewayApiCrds[line(gatewayApi)] ?? [],
});

/** Where Envoy Gateway publishes its own CRDs; before 1.4 only in its chart's folder: https://gateway.envoyproxy.io/docs/install/install-helm/ */
export const envoyGatewayFile = ({ envoyGateway }: VersionSet): CrdFile => {
  const group = "gateway.envoyproxy.io";
  const tag = `v${envoyGateway}`;
  const raw = `https://raw.githubusercontent.com/envoyproxy/gateway/${tag}/charts/gateway-helm/crds/generated`;
  return {
    locations: isAtLeast(envoyGateway, "1.4")
      ? [`https://github.com/envoyproxy/gateway/releases/download/${tag}/envoy-gateway-crds.yaml`]
      : envoyGatewayCrds.map((plural) => `${raw}/${group}_${plural}.yaml`),
    group,
    plurals: envoyGatewayCrds,
  };
};

/** Whether a listener keeps serving while one of its certificates is missing. Envoy Gateway 1.3 turns such a listener off. */
export const servesWithoutEveryCertificate = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");

/** Whether a policy can take the trailing dot off a request's host. */
export const readsTrailingDots = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");

/** Whether a policy can limit how long headers take and how long a stream stands still (`timeout.http` of ClientTrafficPolicy). */
export const timesHeadersAndStreams = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");

/** Whether a policy can have requests tried again whose connection ended before their headers were sent (`reset-before-request`). */
export const retriesEarlyResets = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");

/** Whether the proxies evaluate expressions in the headers of an answer (`%CEL(…)%`, with `re.extract`). */
export const evaluatesExpressions = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");
/** Whether a policy can set headers of answers (`headers.lateResponseHeaders`). */
export const setsHeadersOfAnswers = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");

/** Whether the proxies that this version deploys are known to offer each group of `ecdhCurves`; Envoy refuses a listener with another. */
export const offersEachCurve = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");

/** Whether a policy can compress with zstd, in an order and from a size on (`compressor`). */
export const compressesWithZstd = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");

/** Whether a route can redirect with a status that keeps the method: https://github.com/kubernetes-sigs/gateway-api/releases/tag/v1.5.1 */
export const redirectsWithMethod = ({ gatewayApi }: VersionSet): boolean => isAtLeast(gatewayApi, "1.5");
/**
 * Whether a proxy that ends can stay ready for a while, and a disruption budget can say how many proxies may be missing. Envoy Gateway 1.3
 * knows neither (`ShutdownConfig`, `KubernetesPodDisruptionBudgetSpec`): https://gateway.envoyproxy.io/v1.3/api/extension_types/
 */
export const staysReadyWhileDraining = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");
export const budgetsByUnavailable = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");
/**
 * Whether a percent sign in a page that the proxies answer begins an operator of Envoy's:
 * https://gateway.envoyproxy.io/docs/api/extension_types/#customresponse
 */
export const readsOperatorsInBodies = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.8");
/** Whether a policy can put a page in place of the proxies' own answers alone, and not of the applications' (`responseOverride[].source`). */
export const tellsOwnAnswers = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");
/** Whether a policy can have the proxies take connections both with a PROXY header and without: https://github.com/envoyproxy/gateway/pull/6545 */
export const hasOptionalProxyProtocol = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.5");

/**
 * Whether cert-manager can be told to renew when the CA suggests it. 1.20 knows nothing of it; before 1.21.3 such a renewal may repeat without
 * end: https://cert-manager.io/docs/releases/release-notes/release-notes-1.21/
 */
export const renewsBySuggestion = ({ certManager }: VersionSet): boolean => !isNewer("1.21.3", certManager);
/** Whether the proxies' bootstrap has tags of statistics, to which one can be added: `internal/xds/bootstrap/bootstrap.yaml.tpl`. */
export const tagsStats = ({ envoyGateway }: VersionSet): boolean => isAtLeast(envoyGateway, "1.9");

/** Name of the policy, and of its binding, that refuses a downgrade of the Gateway API's CRDs. */
export const safeUpgradePolicyName = "safe-upgrades.gateway.networking.k8s.io";

/** Whether the Gateway API's release brings that policy. */
export const hasSafeUpgradePolicy = ({ gatewayApi }: VersionSet): boolean => isAtLeast(gatewayApi, "1.5");

/**
 * Bytes of a page that the proxies answer from their configuration. Envoy Gateway 1.3 keeps to Envoy's default and refuses a longer body
 * (https://github.com/envoyproxy/gateway/pull/5710). Envoy Gateway 1.9 raises Envoy's limit as far as the page asks for
 * (https://github.com/envoyproxy/gateway/pull/7711); there the object is the limit: etcd takes requests of 1.5 MiB
 * (https://etcd.io/docs/latest/dev-guide/limit/), in which Kubernetes escapes some characters of HTML.
 */
export const longestPage = ({ envoyGateway }: VersionSet): number =>
  isAtLeast(envoyGateway, "1.9") ? 512 * 1024 : 4 * 1024;
