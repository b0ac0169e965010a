/** What is wrong with a value, or undefined: each check is a pure function, used for settings and for the component's arguments alike. */
import { parse } from "tldts";
import type { z } from "zod";
import * as limits from "./limits";

/** A label below the domain, and the dot between them, must fit into a host name too. */
const longestDomain = limits.dns.name - limits.dns.label - 1;

/** Whether a text is a label of DNS, as hosts and many of Kubernetes' names have it: https://www.rfc-editor.org/rfc/rfc1123#section-2.1 */
export const isDnsLabel = (text: string): boolean => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);

/** What is wrong with a domain's name. */
export const checkDomain = (name: string): string | undefined => {
  const good = "must be a bare name such as example.com";
  if (name.startsWith("*.")) return `${good}, got "${name}" (leave "*." away: the wildcard is added for you)`;
  if (/^[a-z]+:\/\//i.test(name)) return `${good}, got "${name}" (leave the scheme and the path away)`;
  if (name !== name.toLowerCase()) return `${good}, got "${name}" (write it in lower case)`;
  if (name.length > longestDomain)
    return `${good}, got ${name.length} characters (shorten it: at most ${longestDomain}, so that a label below it fits into DNS)`;
  if (suffixOf(name) === "icann") return isSuffix(name);
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/.test(name))
    return `${good}, got "${name}" (letters, digits, hyphens and dots; a name in another script in its xn-- form)`;
  return undefined;
};

/**
 * What is wrong with a name that is a public suffix of a private owner, such as github.io, unless the id of its zone shows that it is the
 * deployer's own: https://github.com/publicsuffix/list/wiki/Format#divisions
 */
export const checkPrivateSuffix = (name: string, zoneId: string | undefined): string | undefined =>
  suffixOf(name) === "private" && !zoneId ? isSuffix(name, "; if it is yours, set zoneId") : undefined;

const isSuffix = (name: string, orElse = ""): string =>
  `must be a domain of your own, got "${name}" (a public suffix, below which anybody registers: name yours below it, such as example.${name}${orElse})`;

/** Which part of the Public Suffix List names it: registries' own, which Let's Encrypt serves no certificate for, or the private one. */
const suffixOf = (name: string): "icann" | "private" | undefined => {
  const { publicSuffix, isIcann, isPrivate } = parse(name, { allowPrivateDomains: true });
  if (publicSuffix !== name) return undefined;
  if (isIcann) return "icann";
  return isPrivate ? "private" : undefined;
};

/** Whether a name is a domain or lies below it. */
export const isWithin = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

/** What is wrong with a domain's zone. */
export const checkZone = (name: string, zone: string): string | undefined =>
  isWithin(name, zone)
    ? undefined
    : `must be the domain's own name or a parent of it, got "${zone}" for ${name} (name the Cloudflare zone that ${name} lies in)`;

/** What is wrong with a list of domains. */
export const checkDomains = (names: string[]): string | undefined => {
  const most = limits.gatewayApi.certificateRefs;
  if (names.length > most)
    return `must name at most ${most} domains, got ${names.length} (each has a certificate, and a Gateway's listener takes ${most}: serve the others by another edge)`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice && `must name each domain once, got "${twice}" twice (remove one)`;
};

/** What is wrong with an ACME contact: https://cert-manager.io/docs/troubleshooting/acme/ */
export const checkEmail = (email: string): string | undefined => {
  if (!/^[^@\s,;]+@[^@\s.,;]+(\.[^@\s.,;]+)+$/.test(email))
    return `must be one e-mail address, got "${email}" (or leave it out)`;
  const host = email.split("@")[1]?.toLowerCase() ?? "";
  return /(^|\.)example\.(com|net|org)$/.test(host)
    ? `must be an address of your own, got "${email}" (Let's Encrypt refuses ${host}; leave it out if you have none)`
    : undefined;
};

/** What is wrong with a duration, between one second and one hour. */
export const checkWait = (wait: string): string | undefined => {
  if (wait === "selfCheck") return undefined;
  const [, minutes = "0", seconds = "0"] = /^(?:(\d{1,3})m)?(?:(\d{1,4})s)?$/.exec(wait) ?? [];
  const total = Number(minutes) * 60 + Number(seconds);
  return total >= 1 && total <= 3600
    ? undefined
    : `must be a duration from 1s to 60m or selfCheck, got "${wait}" (for example 60s; at 0 the CA asks before the record is there, and the next try is an hour away)`;
};

/** What is wrong with a label of a host name. */
export const checkLabel = (label: string): string | undefined =>
  isDnsLabel(label)
    ? undefined
    : `must be one label such as whoami, got "${label}" (lower case, no dots: the certificate covers one level below the domain)`;

/** What is wrong with the name of an edge, which becomes a part of other names; Envoy Gateway's own namespace has such a name already. */
export const checkEdgeName = (name: string): string | undefined => {
  if (!/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name))
    return `must be a label of at most 30 characters such as shop, got "${name}" (lower case letters, digits and hyphens; it becomes a part of other names)`;
  return name === "system"
    ? 'must not be "system" (namespace envoy-gateway-system is Envoy Gateway\'s own; choose another name)'
    : undefined;
};

/** What is wrong with the name of a namespace. */
export const checkNamespace = (name: string): string | undefined =>
  isDnsLabel(name)
    ? undefined
    : `must be the name of a namespace such as cert-manager, got "${name}" (kubectl get namespaces lists them)`;

/** What is wrong with the name of a GatewayClass. */
export const checkGatewayClass = (name: string): string | undefined =>
  name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)
    ? undefined
    : `must be the name of a GatewayClass such as eg, got "${name}" (kubectl get gatewayclasses lists them)`;

/** Where a controller is to be found is asked only of one that stands; an installed one has fixed names. */
export const onlyOfExisting =
  (part: string) =>
  ({ existing, ...where }: { existing?: boolean }, context: z.RefinementCtx): void => {
    const given = existing ? [] : Object.entries(where).filter(([, value]) => value !== undefined);
    for (const [key, value] of given)
      context.addIssue({
        code: "custom",
        path: [key],
        message: `must be left out without ${part}.existing, got "${value}" (what the edge installs has fixed names)`,
      });
  };

/** What is wrong with an id as Cloudflare gives them to zones and accounts. */
export const checkCloudflareId = (id: string): string | undefined =>
  /^[0-9a-f]{32}$/.test(id)
    ? undefined
    : `must be an id of 32 hexadecimal digits, got "${id}" (the dashboard shows it on the zone's overview page)`;

/** What is wrong with an API token of Cloudflare, which the message must not show. */
export const checkApiToken = (token: string): string | undefined =>
  /^[A-Za-z0-9_-]{40,}$/.test(token)
    ? undefined
    : "must be an API token of at least 40 letters, digits, - and _, got something else (an API key does not do; create a token at https://dash.cloudflare.com/profile/api-tokens)";

/** What is wrong with a version number. */
export const checkVersion = (version: string): string | undefined =>
  /^\d+\.\d+\.\d+$/.test(version)
    ? undefined
    : `must be a version such as 1.9.1, got "${version}" (three numbers, no "v")`;

/** What is wrong with a place to read a file from. */
export const checkLocation = (location: string): string | undefined =>
  /^http:/i.test(location) || location.trim() === ""
    ? `must be an https address or a path, got "${location}" (CRDs over plain http can be changed on the way)`
    : undefined;

/**
 * What is wrong with the key of an annotation, which the API server takes in upper and lower case:
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set
 */
export const checkAnnotationKey = (key: string): string | undefined => {
  const parts = key.toLowerCase().split("/");
  const [name = "", prefix] = parts.toReversed();
  const { key: longestName, name: longestPrefix } = limits.kubernetes;
  const good =
    parts.length <= 2 &&
    name.length <= longestName &&
    /^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/.test(name) &&
    (prefix === undefined || (prefix.length <= longestPrefix && subdomain.test(prefix)));
  return good
    ? undefined
    : `must have a key such as cloud.example/kind, got "${key}" (a name of at most ${longestName} letters, digits, "-", "_" and ".", after a domain and "/" if the cloud's documentation gives one)`;
};

const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** What is wrong with the name of a PriorityClass: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
export const checkPriorityClass = (name: string): string | undefined =>
  name.length <= limits.kubernetes.name && subdomain.test(name)
    ? undefined
    : `must be the name of a PriorityClass such as system-cluster-critical, got "${name}" (kubectl get priorityclasses lists them)`;

/** What is wrong with the size of annotations. */
export const checkAnnotationsSize = (annotations: Record<string, string>): string | undefined => {
  const bytes = Object.entries(annotations).reduce((sum, pair) => sum + Buffer.byteLength(pair.join("")), 0);
  const most = limits.kubernetes.annotations;
  return bytes > most
    ? `must be at most ${most} bytes in all, keys and values, got ${bytes} (a limit of Kubernetes: shorten the values)`
    : undefined;
};

const image =
  /^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9._-]+(?:\/[a-z0-9._-]+)*(?::([A-Za-z0-9_][\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?$/;

/** What is wrong with a container image's reference: https://distribution.github.io/reference/ */
export const checkImage = (reference: string): string | undefined => {
  const rule =
    "must be an image with a tag or a digest, such as registry.company.example/envoyproxy/envoy:distroless-v1.39.6";
  const [matched, tag, digest] = image.exec(reference) ?? [];
  if (matched && (digest || (tag && tag !== "latest"))) return undefined;
  return `${rule}, got "${reference}"${matched ? " (any other image may change when a proxy restarts)" : " (no scheme, lower case)"}`;
};

/**
 * What is wrong with a Content-Security-Policy, as far as a header can hold it; browsers tell of the rest.
 * https://www.w3.org/TR/CSP3/#framework-directives
 */
export const checkContentSecurityPolicy = (policy: string): string | undefined => {
  const directives = policy.split(";").filter((each) => each.trim() !== "");
  return directives.length > 0 && directives.every((each) => /^ *[a-z]+(-[a-z]+)*( +[!-+\--:<-~]+)* *$/.test(each))
    ? undefined
    : `must be directives such as default-src 'self'; img-src *, got "${policy}" (";" stands between them, blanks between their sources; no commas and no line breaks)`;
};

/** What is wrong with a UID as Kubernetes gives them. */
export const checkUid = (uid: string): string | undefined =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uid)
    ? undefined
    : `must be a UID, got "${uid}" (kubectl get namespace kube-system -o jsonpath={.metadata.uid})`;
