/** Labels as they stand in the cluster, apart from the code that sets them. */
import * as pulumi from "@pulumi/pulumi";
import type { Listener } from "../../components";

/** Labels of everything that an edge makes. */
export const labels = {
  "app.kubernetes.io/part-of": "https-edge",
  "app.kubernetes.io/managed-by": "pulumi",
  "app.kubernetes.io/instance": "eg",
};

/** Labels of a namespace whose routes are admitted, and whose pods run restricted. */
export const attached = { ...labels, "https-edge/eg": "attach", "pod-security.kubernetes.io/enforce": "restricted" };

/** A listener of the edge as routes see it. */
export const listener = (
  sectionName: "http" | "https",
  ready: pulumi.Resource[] = [],
  domains = ["example.com", "example.org"],
): Listener => ({
  parentRef: pulumi.output({ name: "eg", namespace: "envoy-gateway", sectionName }),
  domains,
  ready,
});
