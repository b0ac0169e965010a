/** The custom resources of the edge as Pulumi resources. */
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../rules/names";

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
  // Declared alone, so that the field is not reset after the constructor.
  declare readonly metadata: pulumi.Output<{ name: string; namespace?: string }>;

  constructor(apiVersion: string, kind: string, name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
    const metadata = { ...args.metadata, labels: { ...labels, ...args.metadata.labels } };
    // A controller takes its finalizer off in seconds. Pulumi would wait 10 minutes for one that is gone.
    const customTimeouts = { delete: "1m", ...opts.customTimeouts };
    super(
      `kubernetes:${apiVersion}:${kind}`,
      name,
      { apiVersion, kind, ...args, metadata },
      { ...opts, customTimeouts },
    );
  }
}

/** A class of custom resources. It is named, since the package's declarations cannot tell of one without a name. */
type Kind = new (name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) => CustomResource;

/** The custom resources of one kind. */
const ofKind = (apiVersion: string, kind: string): Kind =>
  class extends CustomResource {
    constructor(name: string, args: ObjectArgs, opts: pulumi.CustomResourceOptions) {
      super(apiVersion, kind, name, args, opts);
    }
  };

/** https://gateway-api.sigs.k8s.io/reference/spec/#gatewayclass */
export class GatewayClass extends ofKind("gateway.networking.k8s.io/v1", "GatewayClass") {}

/** https://gateway-api.sigs.k8s.io/reference/spec/#gateway */
export class Gateway extends ofKind("gateway.networking.k8s.io/v1", "Gateway") {}

/** https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export class HTTPRoute extends ofKind("gateway.networking.k8s.io/v1", "HTTPRoute") {}

/** https://gateway.envoyproxy.io/docs/api/extension_types/#envoyproxy */
export class EnvoyProxy extends ofKind("gateway.envoyproxy.io/v1alpha1", "EnvoyProxy") {}

/** https://gateway.envoyproxy.io/docs/api/extension_types/#clienttrafficpolicy */
export class ClientTrafficPolicy extends ofKind("gateway.envoyproxy.io/v1alpha1", "ClientTrafficPolicy") {}

/** https://gateway.envoyproxy.io/docs/api/extension_types/#backendtrafficpolicy */
export class BackendTrafficPolicy extends ofKind("gateway.envoyproxy.io/v1alpha1", "BackendTrafficPolicy") {}

/** https://gateway.envoyproxy.io/docs/api/extension_types/#httproutefilter */
export class HTTPRouteFilter extends ofKind("gateway.envoyproxy.io/v1alpha1", "HTTPRouteFilter") {}

/** https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.ClusterIssuer */
export class ClusterIssuer extends ofKind("cert-manager.io/v1", "ClusterIssuer") {}

/** https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate */
export class Certificate extends ofKind("cert-manager.io/v1", "Certificate") {}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor */
export class PodMonitor extends ofKind("monitoring.coreos.com/v1", "PodMonitor") {}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
export class PrometheusRule extends ofKind("monitoring.coreos.com/v1", "PrometheusRule") {}
