/** Labels as they stand in the cluster, apart from the code that sets them. */
import * as pulumi from "@pulumi/pulumi";
import type { Listener } from "../../components";
import { namesOf } from "../../components/rules/names";

/** Labels of everything that an edge makes. */
export const labels = { "app.kubernetes.io/part-of": "https-edge", "app.kubernetes.io/managed-by": "pulumi" };

/** Label of what belongs to the edge alone, where no edge adds it. */
export const instance = { "app.kubernetes.io/instance": "eg" };

/** Names of the edge that has no name of its own. */
export const names = namesOf();

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
  attachLabels: { "https-edge/eg": "attach" },
  labels: instance,
  ready: Promise.resolve(ready),
});
