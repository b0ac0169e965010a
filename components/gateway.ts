/** The Gateway: one address, plain HTTP for the redirect alone, HTTPS for every route. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Listener } from "./listener";
import type { ParametersRef } from "./proxies";
import { Gateway as GatewayResource, waitFor } from "./resources/customResources";
import { whenKnown } from "./resources/unknown";
import { type Way, waited } from "./resources/wait";
import { type Addresses, addressesOf } from "./rules/addresses";
import { labels, listenerNames, type Names, restricted, tlsSecretName, usesLabel } from "./rules/names";
import type { Connection } from "./standing/connection";
import { type GatewayObject, gatewayPath, giveListeners, type ListenerSpec, strayListeners } from "./standing/gateway";
import type { Look } from "./standing/wait";

/** What the Gateway is made of. */
export interface GatewayArgs {
  names: Names;
  gatewayClassName: pulumi.Input<string>;
  parametersRef: pulumi.Input<ParametersRef>;
  /** The namespace, made apart since the certificates go there without waiting for the Gateway. */
  namespace: pulumi.Output<string>;
  /** The domains. Envoy chooses among their certificates by the name that a client asks for. */
  domains: string[];
  /** The domains' Certificates, once they are issued. */
  certificates: Promise<pulumi.Resource[]>;
  /** The policies by which routes are admitted. */
  admission: pulumi.Resource[];
  /** The way to the cluster. */
  way: Way;
  /**
   * Seconds that an address may take which a Gateway had before and has no more.
   * @default 60
   */
  seconds?: number;
}

/**
 * Gateway `eg` in namespace `envoy-gateway`. Hostnames live on routes, not on listeners: two HTTPS listeners with overlapping certificates
 * would cost HTTP/2. https://gateway-api.sigs.k8s.io/reference/spec/#gateway
 *
 * Each `up` reads it as it stands: another hand's listeners, which would serve applications in clear, are taken away, and the addresses are
 * those of now and not of when it was last changed.
 *
 * Errors: Pulumi's, with the Gateway's conditions, when it has no address or its HTTP listener is not programmed in 10 minutes;
 * `gateway must have an address …` when there is none any more that records can lead to.
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
    const { names, gatewayClassName, parametersRef, namespace, domains, certificates, admission, way } = args;
    const listeners: ListenerSpec[] = [
      { name: listenerNames.http, protocol: "HTTP", port: 80, allowedRoutes: { namespaces: { from: "Same" } } },
      {
        name: listenerNames.https,
        protocol: "HTTPS",
        port: 443,
        tls: {
          mode: "Terminate",
          certificateRefs: domains.map((domain) => ({ kind: "Secret", name: tlsSecretName(domain) })),
        },
        allowedRoutes: { namespaces: { from: "Selector", selector: { matchLabels: names.attachLabels } } },
      },
    ];
    const gateway = new GatewayResource(
      name,
      {
        metadata: {
          name: names.edge,
          namespace,
          annotations: waitFor(
            "condition=Programmed",
            "jsonpath={.status.addresses[0].value}",
            // The Gateway's own condition says nothing of its listeners. HTTPS waits for a certificate; routes wait for it through `accepted`.
            `jsonpath={.status.listeners[?(@.name=="${listenerNames.http}")].conditions[?(@.type=="Programmed")].status}=True`,
          ),
        },
        spec: { gatewayClassName, infrastructure: { parametersRef }, listeners },
      },
      { parent: this, dependsOn: opts.dependsOn, customTimeouts: { create: "10m", update: "10m" } },
    );

    const listener = (sectionName: string, ready: Promise<pulumi.Resource[]>): Listener => ({
      parentRef: pulumi
        .all([gateway.metadata.name, namespace])
        .apply(([gatewayName, at]) => ({ name: gatewayName, namespace: at, sectionName })),
      domains,
      attachLabels: names.attachLabels,
      labels: names.instanceLabels,
      ready,
    });
    this.http = listener(listenerNames.http, Promise.resolve([]));
    const admitting = certificates.then((each) => [...each, ...admission]);
    this.https = listener(listenerNames.https, admitting);
    this.addresses = whenKnown(
      waited(gateway, way, {
        look: standing(names, domains, listeners, gateway),
        seconds: args.seconds ?? 60,
        problem: (found, after) => found + after,
      }),
    );
    this.registerOutputs({ addresses: this.addresses });
  }
}

/** Looks at the Gateway as it stands: puts its listeners right, and is done when it has addresses that records can lead to. */
const standing =
  (names: Names, domains: string[], listeners: ListenerSpec[], parent: pulumi.Resource) =>
  async (cluster: Connection): Promise<Look<Addresses>> => {
    const gateway = await cluster.get<GatewayObject>(gatewayPath(names));
    if (!gateway) return undefined;
    await tidy(cluster, names, gateway, listeners, parent);
    const found = addressesOf(gateway.status?.addresses ?? [], domains, names.namespace);
    if ("addresses" in found) return { done: found.addresses };
    return found.mayCome ? { waiting: found.problem } : { failed: found.problem };
  };

/** In a preview the settings of a listener may differ because this stack is about to change them; a listener of another name may not. */
const tidy = async (
  cluster: Connection,
  names: Names,
  gateway: GatewayObject,
  listeners: ListenerSpec[],
  parent: pulumi.Resource,
): Promise<void> => {
  const preview = pulumi.runtime.isDryRun();
  const isOurs = ({ name }: { name: string }) => listeners.some((each) => each.name === name);
  const stray = strayListeners(gateway, listeners).filter((each) => !preview || !isOurs(each));
  if (stray.length === 0) return;
  const what = stray.map(({ inWords }) => inWords).join(" and ");
  pulumi.log.warn(
    `Gateway ${names.namespace}/${names.edge} had ${what} from another hand. ${preview ? "up takes it away" : "It is put right"}; for listeners of your own make a Gateway of your own.`,
    parent,
  );
  if (!preview) await giveListeners(cluster, gatewayPath(names), listeners);
};

/** What the namespace is made of. */
export interface GatewayNamespaceArgs {
  names: Names;
  /** Whether the edge uses controllers that it has not installed, as the namespace's label then tells. */
  usesControllers: boolean;
  /** Whether it outlives the edge, with the certificates in it. */
  keepCertificates?: boolean;
}

/** Namespace `envoy-gateway`, for the Gateway, its routes and its certificates. */
export const gatewayNamespace = (
  name: string,
  { names, usesControllers, keepCertificates }: GatewayNamespaceArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> => {
  const marks = { ...names.attachLabels, ...restricted, ...(usesControllers && usesLabel) };
  const metadata = { name: names.namespace, labels: { ...labels, ...marks } };
  return new kubernetes.core.v1.Namespace(name, { metadata }, { ...opts, retainOnDelete: keepCertificates }).metadata
    .name;
};
