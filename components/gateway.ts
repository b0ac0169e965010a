/** The Gateway: one address, plain HTTP for the redirect alone, HTTPS for every route. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { EnvoyProxy, Gateway as GatewayResource, waitFor } from "./customResources";
import { fault } from "./fault";
import type { GatewayArgs } from "./httpsEdge";

/** Label by which a namespace may attach HTTPRoutes to the HTTPS listener. */
export const attachLabel = { "https-edge": "attach" };

/** A listener of the Gateway, as a route names it. */
export interface ParentRef {
  name: string;
  namespace: string;
  sectionName: string;
}

/** The load balancer's address as the cloud reports it. */
export interface Address {
  type: "IPAddress" | "Hostname";
  value: string;
}

const name80 = "http";
const name443 = "https";

/**
 * Gateway `eg` in namespace `envoy-gateway`. Hostnames live on routes, not on listeners: two HTTPS listeners whose certificates overlap
 * would cost HTTP/2. https://gateway-api.sigs.k8s.io/reference/spec/#gateway
 *
 * Errors: Pulumi's, with the Gateway's conditions, when it has no address or its HTTP listener is not programmed in 10 minutes.
 */
export class Gateway extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;
  /** Port 80: admits routes of the Gateway's own namespace only, so that no application is served in clear. */
  readonly http: pulumi.Output<ParentRef>;
  /** Port 443: admits routes of the namespaces that bear the label `https-edge: attach`. */
  readonly https: pulumi.Output<ParentRef>;
  readonly address: pulumi.Output<Address>;

  constructor(
    name: string,
    args: GatewayArgs & {
      gatewayClassName: pulumi.Input<string>;
      /** The namespace, made apart since the certificates go there without waiting for the Gateway. */
      namespace: pulumi.Output<string>;
      /** Secrets with the certificates, chosen among by the name that a client asks for. */
      tlsSecretNames: string[];
    },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:Gateway", name, {}, opts);
    const { replicas = 2, annotations = {}, gatewayClassName, tlsSecretNames } = args;
    this.namespace = args.namespace;

    const proxy = new EnvoyProxy(
      name,
      {
        metadata: { name: "eg", namespace: this.namespace },
        spec: {
          provider: {
            type: "Kubernetes",
            kubernetes: {
              // Never an empty map: going back to one from annotations would send a null, which the API server refuses.
              ...(Object.keys(annotations).length > 0 && { envoyService: { annotations } }),
              envoyDeployment: {
                replicas,
                pod: {
                  topologySpreadConstraints: [
                    {
                      maxSkew: 1,
                      topologyKey: "kubernetes.io/hostname",
                      whenUnsatisfiable: "ScheduleAnyway",
                      labelSelector: { matchLabels: { "gateway.envoyproxy.io/owning-gateway-name": "eg" } },
                    },
                  ],
                },
              },
              // A budget over a single proxy would block every drain of its node.
              ...(replicas > 1 && { envoyPDB: { minAvailable: 1 } }),
            },
          },
        },
      },
      { parent: this, dependsOn: opts.dependsOn },
    );
    const gateway = new GatewayResource(
      name,
      {
        metadata: {
          name: "eg",
          namespace: this.namespace,
          annotations: waitFor(
            "condition=Programmed",
            "jsonpath={.status.addresses[0].value}",
            // Its own condition says nothing of its listeners. HTTPS waits for a certificate, and what needs it waits by `accepted`.
            `jsonpath={.status.listeners[?(@.name=="${name80}")].conditions[?(@.type=="Programmed")].status}=True`,
          ),
        },
        spec: {
          gatewayClassName,
          infrastructure: {
            parametersRef: { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: proxy.metadata.name },
          },
          listeners: [
            { name: name80, protocol: "HTTP", port: 80, allowedRoutes: { namespaces: { from: "Same" } } },
            {
              name: name443,
              protocol: "HTTPS",
              port: 443,
              tls: {
                mode: "Terminate",
                certificateRefs: tlsSecretNames.map((secret) => ({ kind: "Secret", name: secret })),
              },
              allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: attachLabel } } },
            },
          ],
        },
      },
      { parent: this, customTimeouts: { create: "10m", update: "10m" } },
    );

    const listener = (sectionName: string) =>
      pulumi
        .all([gateway.metadata.name, this.namespace])
        .apply(([gatewayName, namespace]) => ({ name: gatewayName, namespace, sectionName }));
    this.http = listener(name80);
    this.https = listener(name443);
    this.address = gateway.status.apply((status): Address => {
      const address = status?.addresses?.[0];
      if (!address) throw fault("gateway must have an address, got none (does the cluster provide load balancers?)");
      return { type: address.type === "Hostname" ? "Hostname" : "IPAddress", value: address.value };
    });
    this.registerOutputs({ address: this.address });
  }
}

/** Namespace `envoy-gateway`, for the Gateway, its routes and its certificates. */
export const gatewayNamespace = (name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> =>
  new kubernetes.core.v1.Namespace(
    name,
    {
      metadata: {
        name: "envoy-gateway",
        labels: { ...attachLabel, "pod-security.kubernetes.io/enforce": "restricted" },
      },
    },
    opts,
  ).metadata.name;
