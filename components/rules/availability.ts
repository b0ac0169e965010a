/** What keeps a Deployment answering while its pods move: between nodes and zones, and one by one. */

/** Where pods of one kind must not all be, the widest first: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const places = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"];

/**
 * Pods in different zones and on different nodes, as far as there are several: a cluster of one node takes them all. Pods of an earlier
 * revision do not count, or a rolling restart would leave the new ones where the old ones were not:
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
export const spread = (matchLabels: Record<string, string>) =>
  places.map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels },
    matchLabelKeys: ["pod-template-hash"],
  }));

/**
 * One pod at a time leaves in a drain of nodes. A pod that is not ready anyway may always leave: it must not keep a node from its upgrade.
 * https://kubernetes.io/docs/tasks/run-application/configure-pdb/
 */
export const budget = { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" };
