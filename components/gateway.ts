/** The Gateway: one address, plain HTTP for the redirect alone, HTTPS for every route. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Listener } from "./listener";
import type { ParametersRef } from "./proxies";
import { Gateway as GatewayResource, type GatewayStatus, waitFor } from "./resources/customResources";
import { edgeError } from "./resources/error";
import { type Addresses, addressesOf } from "./rules/addresses";
import { attachLabels, edgeName, labels, listenerNames, namespaces, restricted, tlsSecretName } from "./rules/names";

/** What the Gateway is made of. */
export interface GatewayArgs {
  gatewayClassName: pulumi.Input<string>;
  parametersRef: pulumi.Input<ParametersRef>;
  /** The namespace, made apart since the certificates go there without waiting for the Gateway. */
  namespace: pulumi.Output<string>;
  /** The domains. Envoy chooses among their certificates by the name that a client asks for. */
  domains: string[];
  /** The domains' Certificates. */
  certificates: pulumi.Resource[];
}

/**
 * Gateway `eg` in namespace `envoy-gateway`. Hostnames live on routes, not on listeners: two HTTPS listeners with overlapping certificates
 * would cost HTTP/2. https://gateway-api.sigs.k8s.io/reference/spec/#gateway
 *
 * Errors: Pulumi's, with the Gateway's conditions, when it has no address or its HTTP listener is not programmed in 10 minutes.
 */
export class Gateway extends pulumi.ComponentResource {
  /** Port 80. It admits routes of the Gateway's own namespace only, so that no application is served in clear. */
  readonly http: Listener;
  /** Port 443. It admits routes of namespaces that have the label `https-edge/eg: attach`. */
  readonly https: Listener;
  /** Addresses of the load balancer as they stand in this run. */
  readonly addresses: pulumi.Output<Addresses>;

  constructor(name: string, args: GatewayArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Gateway", name, {}, opts);
    const { gatewayClassName, parametersRef, namespace, domains, certificates } = args;
    const metadata = { name: edgeName, namespace };
    const gateway = new GatewayResource(
      name,
      {
        metadata: {
          ...metadata,
          annotations: waitFor(
            "condition=Programmed",
            "jsonpath={.status.addresses[0].value}",
            // The Gateway's own condition says nothing of its listeners. HTTPS waits for a certificate; routes wait for it through `accepted`.
            `jsonpath={.status.listeners[?(@.name=="${listenerNames.http}")].conditions[?(@.type=="Programmed")].status}=True`,
          ),
        },
        spec: {
          gatewayClassName,
          infrastructure: { parametersRef },
          listeners: [
            { name: listenerNames.http, protocol: "HTTP", port: 80, allowedRoutes: { namespaces: { from: "Same" } } },
            {
              name: listenerNames.https,
              protocol: "HTTPS",
              port: 443,
              tls: {
                mode: "Terminate",
                certificateRefs: domains.map((domain) => ({ kind: "Secret", name: tlsSecretName(domain) })),
              },
              allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: attachLabels } } },
            },
          ],
        },
      },
      { parent: this, dependsOn: opts.dependsOn, customTimeouts: { create: "10m", update: "10m" } },
    );

    const listener = (sectionName: string, ready: pulumi.Resource[]): Listener => ({
      parentRef: pulumi
        .all([gateway.metadata.name, namespace])
        .apply(([gatewayName, at]) => ({ name: gatewayName, namespace: at, sectionName })),
      domains,
      ready,
    });
    this.http = listener(listenerNames.http, []);
    this.https = listener(listenerNames.https, certificates);
    // With an id the same Gateway is read as it stands, in each run and each preview but the first, which does not know its id.
    const standing = new GatewayResource(`${name}-standing`, { metadata }, { parent: this, id: gateway.id });
    this.addresses = usable(standing.status, domains, this);
    this.registerOutputs({ addresses: this.addresses });
  }
}

/**
 * The addresses are read anew in each run: the load balancer may have others than when the Gateway was last changed, and the state knows
 * only those. A read does not wait. Where there is no address that records can lead to, `up` ends there and leaves the records alone, while
 * a preview only warns: it must not stand in the way of the `up` that mends this.
 */
const usable = (
  status: pulumi.Output<GatewayStatus | undefined>,
  domains: string[],
  parent: pulumi.Resource,
): pulumi.Output<Addresses> =>
  status.apply((stands) => {
    const found = addressesOf(stands?.addresses ?? [], domains);
    if ("addresses" in found) return found.addresses;
    if (!pulumi.runtime.isDryRun()) throw edgeError(found.problem);
    pulumi.log.warn(found.problem, parent);
    return pulumi.unknown as unknown as Addresses;
  });

/** Namespace `envoy-gateway`, for the Gateway, its routes and its certificates. */
export const gatewayNamespace = (name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> =>
  new kubernetes.core.v1.Namespace(
    name,
    { metadata: { name: namespaces.gateway, labels: { ...labels, ...attachLabels, ...restricted } } },
    opts,
  ).metadata.name;
