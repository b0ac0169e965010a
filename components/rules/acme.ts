/** What ACME servers offer, and what is wrong with how one is asked. */
import { X509Certificate } from "node:crypto";
import { renewsBySuggestion, type VersionSet } from "./versions";

/** Let's Encrypt's two environments: https://letsencrypt.org/docs/staging-environment/ */
export const letsEncryptServers = {
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  production: "https://acme-v02.api.letsencrypt.org/directory",
};

const week = 7 * 86_400_000;

/** Certificates that its production issues for one set of names in a week: https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers */
const exactSet = 5;

/** And below one registered domain, but for renewals: https://letsencrypt.org/docs/rate-limits/#new-certificates-per-registered-domain */
const registeredDomain = 50;

/**
 * From when on so many more may be asked for, where so many are issued a week: the limit refills evenly, a share of the week after each
 * certificate it takes one more.
 */
const allowedFrom = (issued: number[], wanted: number, aWeek: number, now: number): number => {
  const share = week / aWeek;
  const untouched = issued.toSorted((a, b) => a - b).reduce((until, at) => Math.max(until, at) + share, 0);
  return Math.max(untouched, now) + wanted * share - week;
};

/** To the minute, which has begun by then. */
const inUtc = (milliseconds: number): string => {
  const minute = 60_000;
  return `${new Date(Math.ceil(milliseconds / minute) * minute).toISOString().slice(0, 16).replace("T", " ")} UTC`;
};

const recent = (issued: number[], now: number): number => issued.filter((at) => at > now - week).length;

/**
 * Why production is not to be asked once more for the same names, as far as is known when it has issued for them, in milliseconds as Date has
 * them; `cure` says what to do.
 */
export const checkExactSet = (issued: number[], dnsNames: string[], now: number, cure: string): string | undefined => {
  const next = allowedFrom(issued, 1, exactSet, now);
  if (next <= now) return undefined;
  return `before ${inUtc(next)}, got ${recent(issued, now)} certificates for ${dnsNames.join(", ")} in seven days (it issues five a week for the same names, one more each 34 hours; ${cure})`;
};

/** Why it is not to be asked for so many new certificates below a zone, which lies in one registered domain, as far as is known when it has issued others there. */
export const checkRegisteredDomain = (
  issued: number[],
  wanted: number,
  zone: string,
  now: number,
  cure: string,
): string | undefined => {
  const next = allowedFrom(issued, wanted, registeredDomain, now);
  if (wanted === 0 || next <= now) return undefined;
  const when =
    wanted > registeredDomain ? `for more than ${registeredDomain} new domains at once` : `before ${inUtc(next)}`;
  return `${when}, got ${wanted} new certificates below ${zone}, beside ${recent(issued, now)} in seven days (it issues fifty a week below a registered domain, one more each 202 minutes; ${cure})`;
};

/** A kind of certificate that an ACME server offers: https://datatracker.ietf.org/doc/draft-ietf-acme-profiles/ */
interface Profile {
  /** How long its certificates are good for. */
  lifetime: string;
  /** Share of it, in percent, that is left when a certificate is renewed. */
  renewBeforePercentage: number;
  /** The largest share with which one domain's renewals keep to Let's Encrypt's five certificates a week: https://letsencrypt.org/docs/rate-limits/ */
  most: number;
}

/**
 * Let's Encrypt's profiles, as of November 2026: https://letsencrypt.org/docs/profiles/. It asks to renew with a third of the lifetime left, and
 * with half of it where that is less than ten days: https://letsencrypt.org/docs/integration-guide/
 */
export const profiles: Record<string, Profile> = {
  classic: { lifetime: "90 days, 64 from 2027-02-10 on, 45 from 2028-02-16 on", renewBeforePercentage: 33, most: 90 },
  tlsserver: { lifetime: "45 days", renewBeforePercentage: 33, most: 90 },
  shortlived: { lifetime: "160 hours", renewBeforePercentage: 50, most: 75 },
};

/** Share of the lifetime, in percent, that is left when a certificate is renewed. */
export const renewBeforePercentageOf = (profile: string | undefined): number =>
  profiles[profile ?? ""]?.renewBeforePercentage ?? 33;

/** Share for a rehearsal's, which is renewed when half of the time until then has passed. */
export const rehearsalPercentageOf = (share: number): number => Math.floor((100 + share) / 2);

/** What is wrong with a rehearsal beside the other settings. */
export const checkRehearsal = (environment: string, hasServer: boolean): string | undefined => {
  if (hasServer)
    return "must be left out beside acme.server, got true (it asks Let's Encrypt's staging environment for what its production issues)";
  return environment === "production"
    ? undefined
    : `must go with acme.environment production, got true beside ${environment} (which is the rehearsal itself)`;
};

/** What is wrong with a profile; only the server itself knows those of another. */
export const checkProfile = (profile: string, ofLetsEncrypt: boolean): string | undefined => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(profile))
    return `must be the name of a profile, got "${profile}" (letters, digits, "-", "_" and "."; the server's directory lists its own)`;
  if (!ofLetsEncrypt || Object.hasOwn(profiles, profile)) return undefined;
  const known = Object.keys(profiles);
  return `must be ${known.join(" or ")}, got "${profile}" (Let's Encrypt has no other; leave it out for classic)`;
};

/** What is wrong with a share of the lifetime. */
export const checkRenewBeforePercentage = (share: number, profile: string | undefined): string | undefined => {
  const { most = 90, lifetime } = profiles[profile ?? ""] ?? {};
  if (Number.isInteger(share) && share >= 10 && share <= most) return undefined;
  const why =
    share > most && lifetime
      ? `certificates of ${profile} are good for ${lifetime.split(",")[0]}, and Let's Encrypt issues five a week for the same names`
      : "the rest of a certificate's life, in which renewals that fail are noticed and mended";
  return `must be a whole number of percent from 10 to ${most}, got ${share} (${why})`;
};

/** What is wrong with the request that renewals follow the CA's suggestion. */
export const checkRenewalInfo = (versions: VersionSet, existing: boolean): string | undefined => {
  if (existing)
    return "must be left out beside certManager.existing, got true (whoever manages cert-manager sets its feature gate ACMEUseARI, from 1.21.3 on)";
  return renewsBySuggestion(versions)
    ? undefined
    : `must be left out with cert-manager ${versions.certManager}, got true (${versions.certManager.startsWith("1.20.") ? "it cannot be told so" : "its renewals may repeat without end, and use up Let's Encrypt's five certificates a week in seconds"}: set versions.certManager to 1.21.3 or later)`;
};

/** What is wrong with the address of an ACME server's directory. */
export const checkDirectory = (address: string): string | undefined => {
  const rule = "must be the https address of a directory such as https://ca.company.example/acme/acme/directory";
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "https:" || url.username || url.password || url.hash)
    return `${rule}, got "${address}" (ACME is spoken over https alone)`;
  if (/(^|\.)api\.letsencrypt\.org$/.test(url.hostname))
    return `${rule}, got "${address}" (leave server out: acme.environment chooses between Let's Encrypt's two)`;
  if (url.pathname === "/")
    return `${rule}, got "${address}" (without its path: the CA's manual tells the directory's)`;
  return undefined;
};

/** Marks a certificate's text, by which it is told from a path to it. */
const beginning = "-----BEGIN ";

/** Whether certificates are given as they are, and not by a path. */
export const isPem = (text: string): boolean => text.includes(beginning);

/** What is wrong with the roots by which an ACME server is known; `now` in milliseconds as Date has them. */
export const checkRoots = (pem: string, now: number): string | undefined => {
  const rule = "must be certificates of CAs in PEM";
  if (/PRIVATE KEY/.test(pem)) return `${rule}, got a private key (give the certificate alone, and make another key)`;
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return `${rule}, got none ("${beginning}CERTIFICATE-----" must stand before each)`;
  for (const block of blocks) {
    const found = certificateIn(block);
    if (!found) return `${rule}, got one that cannot be read (copy it anew, with all its lines)`;
    const subject = found.subject.replaceAll("\n", ", ");
    if (!found.ca)
      return `${rule}, got that of ${subject}, which is no CA (give the root that it leads to, which outlives it)`;
    if (Date.parse(found.validTo) <= now)
      return `${rule}, got that of ${subject}, which ended ${found.validTo} (give the CA's present root)`;
  }
  return undefined;
};

const certificateIn = (block: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
};

/** What is wrong with the id of an external account's key. */
export const checkEabKeyId = (id: string): string | undefined =>
  id.trim() === "" || /\s/.test(id)
    ? `must be the key id that the CA tells, got "${id}" (no spaces; it comes with the HMAC key)`
    : undefined;

/** The key of an external account as cert-manager takes it: base64url without padding, whichever alphabet the CA wrote it in. */
export const eabHmacKey = (key: string): string =>
  key.trim().replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** What is wrong with the key of an external account, which the message must not show. */
export const checkEabHmacKey = (key: string): string | undefined =>
  /^[A-Za-z0-9_-]{22,}$/.test(eabHmacKey(key)) && eabHmacKey(key).length % 4 !== 1 // which no base64 has
    ? undefined
    : "must be the HMAC key that the CA tells, in base64, got something else (at least 22 letters, digits, - and _; it comes with the key id)";

/** What is wrong with a key id without its key, or a key without its id. */
export const checkEab = (keyId: string | undefined, hasKey: boolean): string | undefined => {
  if (keyId !== undefined && !hasKey)
    return `acme.server.eabKeyId must come with its key, got "${keyId}" alone (pulumi config set --secret https-edge:eabHmacKey)`;
  if (keyId === undefined && hasKey)
    return "eabHmacKey must come with its id, got the key alone (set acme.server.eabKeyId to the key id that came with it)";
  return undefined;
};
