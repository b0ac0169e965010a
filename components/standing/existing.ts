/** Whether controllers that somebody else runs are enough for the edge: pure functions from what was read to a line for each problem. */
import type { Names } from "../rules/names";
import { checkCertManager, line, type VersionSet } from "../rules/versions";
import type { Existing, StandingCertManager, StandingControllers, StandingEnvoyGateway } from "./controllers";

/** What the edge means to use. */
interface Wanted {
  names: Names;
  versions: VersionSet;
  existing: Existing;
}

/** A line for each thing that keeps the edge from using them; none when they are enough, or none is to be used. */
export const insufficientControllers = (found: StandingControllers, wanted: Wanted): string[] => [
  ...(wanted.existing.certManager ? certManager(found.certManager, wanted) : []),
  ...(wanted.existing.envoyGateway ? envoyGateway(found.envoyGateway, wanted) : []),
];

const certManager = (found: StandingCertManager | undefined, { names }: Wanted): string[] => {
  const { certManager: namespace } = names.controllers;
  if (!found)
    return [
      `certManager.existing must find cert-manager in namespace ${namespace}, got no Deployment of its controller (set certManager.namespace to where it runs, or leave certManager out to have it installed)`,
    ];
  const { deployment, version, isRunning, clusterResourceNamespace, leaseNamespace, isLed, webhook } = found;
  const problem = checkCertManager(version ?? "");
  const at = `Deployment ${namespace}/${deployment}`;
  return [
    ...(problem ? [`certManager.existing ${problem}`] : []),
    ...(clusterResourceNamespace === names.clusterResourceNamespace
      ? []
      : [
          `certManager.clusterResourceNamespace must be where cert-manager looks up the Secrets of ClusterIssuers, got "${names.clusterResourceNamespace}" (${at} has --cluster-resource-namespace=${clusterResourceNamespace}; set it to that)`,
        ]),
    ...(isRunning ? [] : [`certManager.existing must find a cert-manager that runs, got no available pod of ${at}`]),
    ...(!isRunning || isLed
      ? []
      : [
          `certManager.existing must find a cert-manager that leads, got no holder of Lease ${leaseNamespace}/cert-manager-controller (kubectl logs -n ${namespace} deployment/${deployment})`,
        ]),
    ...(webhook
      ? [
          `certManager.existing must find a webhook that answers, got ${webhook} (kubectl get pods -n ${namespace}; the API server must reach it, and we may create clusterissuers)`,
        ]
      : []),
  ];
};

/** Of the Gateway API, what the edge's own routes are made of: https://gateway-api.sigs.k8s.io/reference/implementation-features/ */
const features = ["Gateway", "HTTPRoute", "HTTPRouteSchemeRedirect", "HTTPRouteResponseHeaderModification"];

const envoyGateway = (found: StandingEnvoyGateway | undefined, { names, versions }: Wanted): string[] => {
  const { envoyGateway: namespace } = names.controllers;
  if (!found)
    return [
      `envoyGateway.existing must find Envoy Gateway in namespace ${namespace}, got no Deployment of it (set envoyGateway.namespace to where it runs, or leave envoyGateway out to have it installed)`,
    ];
  const { deployment, version, isRunning, controllerName, watches, spreadsProxies, gatewayClass } = found;
  const at = `Deployment ${namespace}/${deployment}`;
  const className = names.gatewayClass;
  const lacking = gatewayClass?.features.length ? features.filter((each) => !gatewayClass.features.includes(each)) : [];
  return [
    ...(line(version ?? "") === line(versions.envoyGateway)
      ? []
      : [
          `envoyGateway.existing must find the line of versions.envoyGateway, ${line(versions.envoyGateway)}, got ${version ?? "an unknown version"} of ${at} (choose the versions that stand, or upgrade it where it is managed)`,
        ]),
    ...(isRunning ? [] : [`envoyGateway.existing must find one that runs, got no available pod of ${at}`]),
    ...(watches === undefined
      ? []
      : [
          `envoyGateway.existing must find one that watches every namespace, got one that watches ${watches} (see provider.kubernetes.watch of ConfigMap ${namespace}/envoy-gateway-config)`,
        ]),
    ...(spreadsProxies
      ? [
          `envoyGateway.existing must find one that runs proxies in its own namespace, got provider.kubernetes.deploy.type GatewayNamespace (see ConfigMap ${namespace}/envoy-gateway-config)`,
        ]
      : []),
    ...judgeClass(className, controllerName, gatewayClass),
    ...(lacking.length > 0
      ? [
          `envoyGateway.existing must find one with the Gateway API's features that the edge needs, got none of ${lacking.join(", ")} in the status of GatewayClass ${className}`,
        ]
      : []),
  ];
};

const judgeClass = (name: string, controllerName: string, found: StandingEnvoyGateway["gatewayClass"]): string[] => {
  const rule = `envoyGateway.gatewayClass must name a class of this Envoy Gateway (${controllerName})`;
  if (!found) return [`${rule}, got "${name}", which is not there (kubectl get gatewayclasses lists those that are)`];
  if (found.controllerName !== controllerName)
    return [`${rule}, got "${name}" of ${found.controllerName} (kubectl get gatewayclasses)`];
  return found.isAccepted
    ? []
    : [`${rule} that it has accepted, got "${name}" (kubectl describe gatewayclass ${name})`];
};
