/** Pods as they stand in the cluster, apart from the code that makes them. */

/** What every pod of the edge's own has in common: it is spread, and may do nothing that it need not. */
export const restrictedPod = (selector: Record<string, string>) => ({
  automountServiceAccountToken: false,
  topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: selector },
    matchLabelKeys: ["pod-template-hash"],
  })),
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    seccompProfile: { type: "RuntimeDefault" },
  },
});

/** What their containers have in common: a farewell, modest requests, and nothing to write or to gain. */
export const restrictedContainer = {
  lifecycle: { preStop: { sleep: { seconds: 10 } } },
  resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
};
