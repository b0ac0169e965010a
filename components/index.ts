/** An HTTPS edge for Kubernetes as one component: `new HttpsEdge("edge", { domains: [{ name: "example.com" }] })`. */
export type { CrdsArgs } from "./crds";
export type { Address, ParentRef } from "./gateway";
export {
  type AcmeArgs,
  AcmeEnvironment,
  type CloudflareArgs,
  type DomainArgs,
  type GatewayArgs,
  HttpsEdge,
  type HttpsEdgeArgs,
  type HttpsEdgeOptions,
  type LandingArgs,
  type VersionsArgs,
  type WhoamiArgs,
} from "./httpsEdge";
