/** The controllers of the fake cluster: what stands there, and what they say of it, once an object has been made. */
import { controllerLabels } from "../../components/rules/names";
import type { CertificateObject } from "../../components/standing/issuance";
import type { PolicyObject } from "../../components/standing/policy";
import { put, standingAt, take } from "./cluster";

/** An object that has been made. */
export interface Made {
  kind: string;
  name: string;
  namespace?: string;
  spec?: object;
}

/** What they say of an object; undefined when it is the usual. */
export type Says = (made: Made) => object | undefined;

/** Told from what a test has put there. */
const uidOf = (name: string) => `uid-of-${name}`;

const available = (name: string, labels: Record<string, string>) => ({
  metadata: { name, uid: uidOf(name), labels },
  spec: { replicas: 1 },
  status: { availableReplicas: 1 },
});

/** When the certificates end that cert-manager obtains here. */
export const notAfter = "2027-02-24T12:00:00Z";

/** Policies are accepted for the Gateway that they name. */
const accepted = ({ targetRefs: [target] = [] }: { targetRefs?: { name: string }[] }) =>
  ({
    ancestors: [
      {
        ancestorRef: { name: target?.name ?? "eg" },
        conditions: [{ type: "Accepted", status: "True", observedGeneration: 1 }],
      },
    ],
  }) satisfies PolicyObject["status"];

const status: Record<string, object> = {
  Certificate: {
    notAfter,
    conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }],
  } satisfies CertificateObject["status"],
  ClusterIssuer: { conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }] },
  Gateway: {
    addresses: [{ type: "IPAddress", value: "203.0.113.7" }],
    conditions: [{ type: "Programmed", status: "True", observedGeneration: 1 }],
    listeners: [{ name: "https", attachedRoutes: 0, conditions: [{ type: "Programmed", status: "True" }] }],
  },
};

const collections: Record<string, (namespace: string) => string> = {
  BackendTrafficPolicy: (namespace) =>
    `/apis/gateway.envoyproxy.io/v1alpha1/namespaces/${namespace}/backendtrafficpolicies`,
  Certificate: (namespace) => `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`,
  ClientTrafficPolicy: (namespace) =>
    `/apis/gateway.envoyproxy.io/v1alpha1/namespaces/${namespace}/clienttrafficpolicies`,
  ClusterIssuer: () => "/apis/cert-manager.io/v1/clusterissuers",
  Gateway: (namespace) => `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways`,
};

const seen: string[] = [];

const place = (path: string, object: object): void => {
  seen.push(path);
  put(path, object);
};

/** Empties the cluster of all that they have seen. */
export const forget = (): void => {
  for (const path of seen.splice(0)) {
    const { metadata } = (standingAt(path) ?? {}) as { metadata?: { uid?: string } };
    if (metadata?.uid?.startsWith(uidOf(""))) take(path);
  }
};

/** Lets the controllers see an object, as the mocks have made it. */
export const see = (made: Made, says: Says = () => undefined): void => {
  const { kind, name, namespace = "", spec = {} } = made;
  const collection = collections[kind];
  if (kind === "Release") {
    const [deployment, labels] =
      name === "eg" ? ["envoy-gateway", controllerLabels.envoyGateway] : [name, controllerLabels.certManager];
    place(`/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`, available(deployment, labels));
  }
  if (!collection) return;
  const metadata = { name, namespace, uid: uidOf(name), generation: 1 };
  place(`${collection(namespace)}/${name}`, {
    metadata,
    spec,
    status: says(made) ?? (kind.endsWith("TrafficPolicy") ? accepted(spec) : status[kind]),
  });
};
