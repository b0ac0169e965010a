/**
 * A Helm chart as a real release: hooks run, which both of the edge's charts need. The Kubernetes provider fetches it by Helm's own client,
 * which goes through HTTPS_PROXY by itself, except to what NO_PROXY names.
 */
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Preflight } from "./preflight";
import { reach } from "./registry";

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

/**
 * A release that is replaced by deleting first, since Helm cannot have two of one name.
 *
 * Its registry is asked beforehand. One that does not answer is an error also where the release stands and would not change: the provider
 * pulls the chart in each check of its inputs, in previews and ups alike, and would end the run there, with the rest half done
 * (`Check` in https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/provider/helm_release.go). So it is in the preview of a
 * cluster that is not there yet: the registry is asked from where Pulumi runs, and the `up` that follows would ask in vain.
 */
export const chart = (
  name: string,
  { preflight, ...args }: ChartArgs & { preflight: Preflight },
  opts: pulumi.CustomResourceOptions,
): kubernetes.helm.v3.Release => {
  preflight.add(reach(args.chart, args.version));
  return new kubernetes.helm.v3.Release(name, { ...args, timeout: 600 }, { ...opts, deleteBeforeReplace: true });
};
