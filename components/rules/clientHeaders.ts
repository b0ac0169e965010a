/** Headers in which proxies tell applications of a client and of its request. From a client itself they are forged. */
import { isAtLeast, type VersionSet } from "./versions";

/** The chain of addresses, to which Envoy adds its peer: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for */
export const chain = "X-Forwarded-For";

/** Where Cloudflare's proxy tells the client's address: https://developers.cloudflare.com/fundamentals/reference/http-headers/ */
export const cloudflareAddress = "CF-Connecting-IP";

/** Their names, in the order of how many applications believe them. Envoy writes the first two anew. */
const names = [
  // Read by most frameworks: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For, https://www.rfc-editor.org/rfc/rfc7239
  chain,
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
  "X-Forwarded-Port",
  "Forwarded",
  "X-Real-IP",
  // Cloudflare's and Akamai's: https://developers.cloudflare.com/fundamentals/reference/http-headers/
  cloudflareAddress,
  "True-Client-IP",
  // Rails reads the first, and libraries all of them: https://github.com/rails/rails/blob/main/actionpack/lib/action_dispatch/middleware/remote_ip.rb,
  // https://github.com/pbojinov/request-ip, https://github.com/un33k/django-ipware
  "Client-IP",
  "X-Client-IP",
  "X-Cluster-Client-IP",
  // Spring's and Traefik's: https://docs.spring.io/spring-framework/reference/web/webmvc/filters.html#filters-forwarded-headers
  "X-Forwarded-Prefix",
  "X-Forwarded-Server",
  "X-Forwarded-Ssl",
  // The path, for some in place of the request's own: https://symfony.com/blog/cve-2018-14773-remove-support-for-legacy-and-risky-http-headers
  "X-Original-URL",
  "X-Rewrite-URL",
  // Rarer names of the same things, from the same libraries.
  "X-Forwarded",
  "X-Forwarded-By",
  "X-Forwarded-Path",
  "X-Forwarded-Protocol",
  "X-Forwarded-Scheme",
  "X-Forwarded-Uri",
  "Forwarded-For",
  "X-Forward-For",
  "Front-End-Https",
  "X-Url-Scheme",
  "X-Scheme",
  "X-Host",
  "X-HTTP-Host-Override",
  "X-Originating-IP",
  "X-Remote-IP",
  "X-Remote-Addr",
  "X-ProxyUser-IP",
  "Proxy-Client-IP",
  "WL-Proxy-Client-IP",
  // Those of single networks, by their own references.
  "CF-Connecting-IPv6",
  "CF-Pseudo-IPv4",
  "Fastly-Client-IP",
  "Fly-Client-IP",
  "CloudFront-Viewer-Address",
  "X-Azure-ClientIP",
  "X-Azure-SocketIP",
  "X-AppEngine-User-IP",
  "DO-Connecting-IP",
  "Ali-CDN-Real-IP",
  "Incap-Client-IP",
  "X-Sucuri-ClientIP",
  "X-NF-Client-Connection-IP",
  "X-Vercel-Forwarded-For",
];

/** What the names of whole families begin with: Envoy's own, some of which it obeys, and those of ingress-nginx. */
const families = ["x-envoy-", "x-original-"];

/**
 * The headers that a policy can take away. Envoy Gateway 1.9 takes 64 names, and what names begin with
 * (https://gateway.envoyproxy.io/docs/api/extension_types/#httpheaderfilter); 1.3 takes the Gateway API's filter, which has room for 16.
 */
export const removable = ({ envoyGateway }: VersionSet): { names: string[]; families: string[] } =>
  isAtLeast(envoyGateway, "1.9") ? { names, families } : { names: names.slice(0, 16), families: [] };
