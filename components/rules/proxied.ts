/** What Cloudflare's proxy asks of domains that it stands in front of. */

/**
 * What is wrong with a domain behind the proxy. Universal SSL covers a zone and one label below it, and so never the wildcard of a domain
 * that lies in a zone: https://developers.cloudflare.com/ssl/edge-certificates/universal-ssl/limitations/
 */
export const checkEdgeCertificate = (
  name: string,
  zone: string,
  edgeCertificates: boolean | undefined,
): string | undefined =>
  name === zone || edgeCertificates
    ? undefined
    : `must be a zone itself where cloudflare.proxied is set, got "${name}" in ${zone} (Cloudflare's Universal SSL covers ${zone} and *.${zone}, and not *.${name}: if an advanced certificate or Total TLS does, set cloudflare.edgeCertificates)`;

/**
 * What the zones' encryption mode must be, in words: with a laxer one anybody between Cloudflare and the edge can read along, and
 * `Flexible`, which speaks plain HTTP to the edge, is redirected for ever. https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/
 */
export const encryptionMode = (issuedBy: "staging" | "production" | "server"): string =>
  `Requests come through Cloudflare's proxy: the encryption mode of each zone must be Full (strict) in Cloudflare's dashboard${unless[issuedBy]}.`;

const unless = {
  staging:
    ", with which Cloudflare answers 526 until acme.environment is production (it does not trust certificates of Let's Encrypt's staging environment; Full does until then)",
  production: "",
  server: ", with which Cloudflare answers 526 where it does not trust acme.server's CA, as it trusts no private one",
};
