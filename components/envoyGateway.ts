/** Envoy Gateway, which runs the proxies that a Gateway asks for. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chart } from "./chart";
import { GatewayClass, waitFor } from "./customResources";
import type { VersionSet } from "./versions";

const controllerName = "gateway.envoyproxy.io/gatewayclass-controller";

/**
 * Envoy Gateway from its own chart, in namespace `envoy-gateway-system`, and the GatewayClass `eg`:
 * https://gateway.envoyproxy.io/docs/install/install-helm/
 */
export class EnvoyGateway extends pulumi.ComponentResource {
  /** The class that a Gateway names; deleted before the controller that must take its finalizer away. */
  readonly gatewayClassName: pulumi.Output<string>;

  constructor(
    name: string,
    { versions, crds }: { versions: VersionSet; crds: pulumi.Resource },
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("https-edge:index:EnvoyGateway", name, {}, opts);
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: "envoy-gateway-system", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
      { parent: this },
    );
    const release = chart(
      name,
      {
        chart: "oci://docker.io/envoyproxy/gateway-helm",
        version: `v${versions.envoyGateway}`,
        name: "eg",
        namespace: namespace.metadata.name,
        // The chart would add the Gateway API's experimental channel to the standard one.
        skipCrds: true,
        values: {
          crds: { enabled: false },
          // Made by a hook, its webhook would outlive the release; only zone-aware routing needs it.
          topologyInjector: { enabled: false },
        },
      },
      // A controller that starts before its kinds exist does not watch them.
      { parent: this, dependsOn: crds },
    );
    const gatewayClass = new GatewayClass(
      name,
      { metadata: { name: "eg", annotations: waitFor("condition=Accepted") }, spec: { controllerName } },
      { parent: this, dependsOn: release },
    );
    this.gatewayClassName = gatewayClass.metadata.name;
    this.registerOutputs({ gatewayClassName: this.gatewayClassName });
  }
}
