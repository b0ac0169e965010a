/**
 * A Helm chart as a real release: hooks run, which both of the edge's charts need. The Kubernetes provider fetches it by Helm's own client,
 * which goes through HTTPS_PROXY by itself, except to what NO_PROXY names.
 */
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** What differs between the charts. */
export interface ChartArgs {
  /** Address of the chart in an OCI registry. */
  chart: string;
  version: string;
  /** Name of the release. Fixed: webhooks and documentation know it. */
  name: string;
  namespace: pulumi.Input<string>;
  values: pulumi.Inputs;
  /** Leaves the chart's `crds/` folder out. */
  skipCrds?: boolean;
}

/** A release that is replaced by deleting first, since Helm cannot have two of one name. */
export const chart = (name: string, args: ChartArgs, opts: pulumi.CustomResourceOptions): kubernetes.helm.v3.Release =>
  new kubernetes.helm.v3.Release(name, { ...args, timeout: 600 }, { ...opts, deleteBeforeReplace: true });
