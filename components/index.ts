/** An HTTPS edge for Kubernetes as one component: `new HttpsEdge("edge", { domains: [{ name: "example.com" }] })`. */
export type { CloudflareArgs } from "./cloudflareToken";
export type { ClusterArgs } from "./cluster";
export type { CrdsArgs } from "./crds";
export { HttpsEdge } from "./httpsEdge";
export { type AcmeArgs, AcmeEnvironment } from "./issuers";
export type { LandingArgs } from "./landing";
export type { Listener, ParentRef } from "./listener";
export type { ProxiesArgs } from "./proxies";
export { type BackendRef, HttpsRoute, type HttpsRouteArgs, type RouteRule, type RouteTimeouts } from "./route";
export type { Address, Addresses } from "./rules/addresses";
export { IpFamily } from "./rules/ipFamilies";
export { attachLabels } from "./rules/names";
export type { VersionsArgs } from "./rules/versions";
export type { HttpsEdgeArgs } from "./schema";
export type { WhoamiArgs } from "./whoami";
export type { DomainArgs } from "./zones";
