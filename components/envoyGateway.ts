/** Envoy Gateway, which runs the proxies that a Gateway asks for. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chart } from "./resources/chart";
import { GatewayClass, waitFor } from "./resources/customResources";
import { edgeName, labels, namespaces, releases, restricted } from "./rules/names";
import type { VersionSet } from "./rules/versions";

const controllerName = "gateway.envoyproxy.io/gatewayclass-controller";

/**
 * Envoy Gateway from its own chart, in namespace `envoy-gateway-system`, and the GatewayClass `eg`:
 * https://gateway.envoyproxy.io/docs/install/install-helm/
 */
export class EnvoyGateway extends pulumi.ComponentResource {
  /** The class that a Gateway names. It is deleted before the controller, which must remove its finalizer. */
  readonly gatewayClassName: pulumi.Output<string>;

  constructor(
    name: string,
    { versions, crds }: { versions: VersionSet; crds: pulumi.Resource },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:EnvoyGateway", name, {}, opts);
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: namespaces.envoyGateway, labels: { ...labels, ...restricted } } },
      { parent: this },
    );
    const release = chart(
      name,
      {
        chart: "oci://docker.io/envoyproxy/gateway-helm",
        version: `v${versions.envoyGateway}`,
        name: releases.envoyGateway.name,
        namespace: namespace.metadata.name,
        // The chart would add the Gateway API's experimental channel to the standard one.
        skipCrds: true,
        values: {
          crds: { enabled: false },
          // A hook makes its webhook, which would outlive the release. Only zone-aware routing needs it.
          topologyInjector: { enabled: false },
        },
      },
      // A controller that starts before its kinds exist does not watch them.
      { parent: this, dependsOn: crds },
    );
    const gatewayClass = new GatewayClass(
      name,
      { metadata: { name: edgeName, annotations: waitFor("condition=Accepted") }, spec: { controllerName } },
      { parent: this, dependsOn: release },
    );
    this.gatewayClassName = gatewayClass.metadata.name;
    this.registerOutputs({ gatewayClassName: this.gatewayClassName });
  }
}
