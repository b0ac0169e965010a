/** A listener of the Gateway, as the parts that attach routes to it see it. */
import type * as pulumi from "@pulumi/pulumi";

/** What an HTTPRoute names as its `parentRef`: https://gateway-api.sigs.k8s.io/reference/spec/#parentreference */
export interface ParentRef {
  name: string;
  namespace: string;
  sectionName: string;
}

/** A listener, the domains that it serves, and what a route on it waits for. */
export interface Listener {
  parentRef: pulumi.Output<ParentRef>;
  /** The domains with a certificate: each is served itself, and with one label below it. */
  domains: string[];
  /** Labels of a namespace whose routes it admits. */
  attachLabels: Record<string, string>;
  /** Labels of what belongs to its edge. */
  labels: Record<string, string>;
  /** Resources without which no route on this listener is accepted, once they are ready. */
  ready: Promise<pulumi.Resource[]>;
}
