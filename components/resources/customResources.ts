/**
 * The custom resources of the edge as Pulumi resources, with the status that controllers write.
 * A generic CustomResource has no `status` output; `declare` keeps the field from being reset after the constructor.
 */
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../rules/names";

/** What a controller says of an object: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** Name, namespace and the like of an object. */
export interface Metadata {
  name: pulumi.Input<string>;
  namespace?: pulumi.Input<string>;
  labels?: Record<string, pulumi.Input<string>>;
  annotations?: Record<string, pulumi.Input<string>>;
}

/** Arguments of every custom resource. */
export interface ObjectArgs {
  metadata: Metadata;
  spec?: pulumi.Input<object>;
}

/** Takes over fields by force: a destroyed edge or a killed `up` may have left the object behind, under another field manager. */
export const takenOver = { "pulumi.com/patchForce": "true" };

/** What Pulumi waits for before an object counts as made: conditions and JSON paths, all of which must hold. */
export const waitFor = (...conditions: string[]) => ({
  "pulumi.com/waitFor": JSON.stringify(conditions),
  ...takenOver,
});

/**
 * Waits until a route's only listener has accepted it and all that it refers to is found. Envoy Gateway accepts none on a listener that is
 * not ready, so this also waits for the listener and its certificate: https://gateway-api.sigs.k8s.io/reference/spec/#routeparentstatus
 */
export const accepted = waitFor(
  ...["Accepted", "ResolvedRefs"].map(
    (type) => `jsonpath={.status.parents[0].conditions[?(@.type=="${type}")].status}=True`,
  ),
);

class CustomResource extends pulumi.CustomResource {
  declare readonly metadata: pulumi.Output<{ name: string; namespace?: string }>;

  constructor(apiVersion: string, kind: string, name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    const metadata = { ...args.metadata, labels: { ...labels, ...args.metadata.labels } };
    super(`kubernetes:${apiVersion}:${kind}`, name, { apiVersion, kind, ...args, metadata, status: undefined }, opts);
  }
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#gatewayclass */
export class GatewayClass extends CustomResource {
  constructor(name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    super("gateway.networking.k8s.io/v1", "GatewayClass", name, args, opts);
  }
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#gatewaystatus */
export interface GatewayStatus {
  addresses?: { type?: string; value: string }[];
  conditions?: Condition[];
  listeners?: { name: string; attachedRoutes: number; conditions: Condition[] }[];
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#gateway */
export class Gateway extends CustomResource {
  declare readonly status: pulumi.Output<GatewayStatus | undefined>;

  constructor(name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    super("gateway.networking.k8s.io/v1", "Gateway", name, args, opts);
  }
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export class HTTPRoute extends CustomResource {
  constructor(name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    super("gateway.networking.k8s.io/v1", "HTTPRoute", name, args, opts);
  }
}

/** https://gateway.envoyproxy.io/docs/api/extension_types/#envoyproxy */
export class EnvoyProxy extends CustomResource {
  constructor(name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    super("gateway.envoyproxy.io/v1alpha1", "EnvoyProxy", name, args, opts);
  }
}

/** https://gateway.envoyproxy.io/docs/api/extension_types/#httproutefilter */
export class HTTPRouteFilter extends CustomResource {
  constructor(name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    super("gateway.envoyproxy.io/v1alpha1", "HTTPRouteFilter", name, args, opts);
  }
}

/** https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.ClusterIssuer */
export class ClusterIssuer extends CustomResource {
  constructor(name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    super("cert-manager.io/v1", "ClusterIssuer", name, args, opts);
  }
}

/** https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateStatus */
export interface CertificateStatus {
  notBefore?: string;
  notAfter?: string;
  renewalTime?: string;
  conditions?: Condition[];
}

/** https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate */
export class Certificate extends CustomResource {
  declare readonly status: pulumi.Output<CertificateStatus | undefined>;

  constructor(name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    super("cert-manager.io/v1", "Certificate", name, args, opts);
  }
}
