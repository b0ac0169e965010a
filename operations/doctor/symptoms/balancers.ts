/** What can be seen of load balancers before an edge asks for one. */
import type { Symptom } from "../symptom";

/** What of load balancers can be seen in a cluster. */
export interface Balancers {
  /** Services of the type LoadBalancer with an address, as `namespace/name`. */
  withAddress: string[];
  withoutAddress: string[];
  /** How nodes name their cloud: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/#NodeSpec */
  clouds: string[];
}

export const balancerSubject = "load balancers of the cluster";

/** Those that give no load balancer of their own. */
const withoutCloud = ["", "kind", "k3s", "minikube"];

export const balancerSymptoms: Symptom<{ balancers: Balancers }>[] = [
  {
    name: "load-balancer-unknown",
    severity: "risk",
    at: "gateway",
    cause:
      "No node names a cloud, and no Service of the type LoadBalancer has an address: there may be nobody who gives one.",
    cure: "Install MetalLB, kube-vip or a cloud controller before the edge; k3s has one of its own.",
    source: "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
    signs: ({ balancers: { withAddress, withoutAddress, clouds } }) =>
      withAddress.length > 0 || clouds.some((cloud) => !withoutCloud.includes(cloud))
        ? []
        : [
            {
              subject: balancerSubject,
              found: withoutAddress.length > 0 ? `none for ${withoutAddress.join(", ")}` : "no Service that has one",
              next: "kubectl get services -A",
            },
          ],
  },
];
