/** A cluster in which an edge stands that serves on this machine. */
import { put, stand } from "./cluster";
import { owner } from "./stackState";
import { healthyEdge } from "./standingEdge";

export const gatewayPath = "/apis/gateway.networking.k8s.io/v1/namespaces/envoy-gateway/gateways/eg";

/** The path of an object in a namespace. */
export const namespaced = (group: string, plural: string, namespace: string, name: string): string =>
  `${group}/namespaces/${namespace}/${plural}/${name}`;

/** Fills the cluster anew. The certificate ends when the one does that is served here. */
export const standEdge = (ends: string): void => {
  stand();
  const edge = healthyEdge();
  const { gateway, gatewayClass, chain, issuers, policies, routes, proxies, services, controllers } = edge;
  const [certificate] = chain.certificates;
  const ofGateway = {
    "gateway.envoyproxy.io/owning-gateway-name": "eg",
    "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway",
  };
  const labelled = <T extends { metadata: object }>(object: T | undefined, labels: Record<string, string>) => ({
    ...object,
    metadata: { ...object?.metadata, labels },
  });
  gateway.status = { ...gateway.status, addresses: [{ type: "IPAddress", value: "127.0.0.1" }] };
  put(gatewayPath, labelled(gateway, { "https-edge/stack": owner }));
  put("/apis/gateway.networking.k8s.io/v1/gatewayclasses/eg", gatewayClass ?? {});
  const certificates = namespaced("/apis/cert-manager.io/v1", "certificates", "envoy-gateway", "wildcard-example-com");
  put(certificates, { ...certificate, status: { ...certificate?.status, notAfter: ends } });
  for (const issuer of issuers) {
    issuer.spec.acme = { server: "https://acme-staging-v02.api.letsencrypt.org/directory" };
    put(`/apis/cert-manager.io/v1/clusterissuers/${issuer.metadata.name}`, issuer);
  }
  for (const policy of policies) {
    const plural = policy.kind === "ClientTrafficPolicy" ? "clienttrafficpolicies" : "backendtrafficpolicies";
    put(namespaced("/apis/gateway.envoyproxy.io/v1alpha1", plural, "envoy-gateway", "eg"), policy);
  }
  const [route] = routes;
  put(namespaced("/apis/gateway.networking.k8s.io/v1", "httproutes", "whoami", "whoami"), route ?? {});
  const [proxy] = proxies;
  put(namespaced("/apis/apps/v1", "deployments", "envoy-gateway-system", "envoy-eg"), labelled(proxy, ofGateway));
  const [service] = services;
  put(namespaced("/api/v1", "services", "envoy-gateway-system", "envoy-eg"), labelled(service, ofGateway));
  const [manager] = controllers.certManager;
  put(
    namespaced("/apis/apps/v1", "deployments", "cert-manager", "cert-manager"),
    labelled(manager, { "app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller" }),
  );
  const [controller] = controllers.envoyGateway;
  put(
    namespaced("/apis/apps/v1", "deployments", "envoy-gateway-system", "envoy-gateway"),
    labelled(controller, { "control-plane": "envoy-gateway" }),
  );
};
