/** Controllers without whom deleting does not end, and how each is found in a cluster, whatever its release is called. */
import { controllerLabels } from "../components/rules/names";

/** Programs that must be there as long as what they serve. */
export const controllers = {
  /** https://github.com/envoyproxy/gateway/blob/v1.9.1/internal/provider/kubernetes/helpers.go */
  envoyGateway: { name: "Envoy Gateway", labels: controllerLabels.envoyGateway },
  /** https://github.com/cert-manager/cert-manager/blob/v1.21.2/pkg/apis/acme/v1/const.go */
  certManager: {
    name: "cert-manager",
    labels: controllerLabels.certManager,
  },
  /** Admits each change of an object of cert-manager. */
  webhook: {
    name: "cert-manager's webhook",
    labels: { "app.kubernetes.io/name": "webhook", "app.kubernetes.io/component": "webhook" },
  },
};

export type Controller = keyof typeof controllers;

/** The controller that must take a finalizer off. */
export const finalizers: Record<string, Controller> = {
  "gateway-exists-finalizer.gateway.networking.k8s.io": "envoyGateway",
  "acme.cert-manager.io/finalizer": "certManager",
  // Of cert-manager before 1.18.
  "finalizer.acme.cert-manager.io": "certManager",
};
