/** cert-manager, which obtains and renews the certificates. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { answering, type ControllersArgs } from "./controllers";
import { chart } from "./resources/chart";
import type { Preflight } from "./resources/preflight";
import { known, whenKnown } from "./resources/unknown";
import { checkNamespace, onlyOfExisting } from "./rules/checks";
import { mirrored } from "./rules/mirror";
import { labels, type Names, namespaces, releases, restricted } from "./rules/names";
import { text } from "./rules/problems";
import { type Monitored, Scrape } from "./rules/scrape";
import type { VersionSet } from "./rules/versions";

/** Whose cert-manager it is. */
export interface CertManagerArgs {
  /**
   * Uses the cert-manager that stands, managed by somebody else. It must run, and be of a version that the edge can rely on.
   * @default false: it is installed
   */
  existing?: boolean;
  /**
   * Namespace in which it runs.
   * @default "cert-manager"
   */
  namespace?: string;
  /**
   * Namespace in which it looks up the Secrets of ClusterIssuers, its flag `--cluster-resource-namespace`.
   * @default - the one in which it runs
   */
  clusterResourceNamespace?: string;
}

/** The setting `certManager`. */
export const certManagerSetting = z
  .strictObject({
    existing: z.boolean().optional(),
    namespace: text(checkNamespace).optional(),
    clusterResourceNamespace: text(checkNamespace).optional(),
  } satisfies { [K in keyof Required<CertManagerArgs>]: z.ZodType })
  .superRefine(onlyOfExisting("certManager"));

/** What the part is made of. */
export interface CertManagerPartArgs extends CertManagerArgs, ControllersArgs {
  names: Names;
  versions: VersionSet;
  preflight: Preflight;
  /** Registry of one's own. */
  mirror?: string;
  /** Whether its namespace outlives the edge, with the keys of the ACME accounts in it. */
  keepCertificates?: boolean;
  /** Whether renewals follow the CA's suggestion: https://cert-manager.io/docs/cli/controller/ (`ACMEUseARI`). */
  renewalInfo?: boolean;
  /** How it is scraped, if anybody is to. */
  monitoring?: Monitored;
  /** The version of the one that stands, once it is read. */
  standing: Promise<string | undefined>;
}

/**
 * cert-manager from its own chart, in namespace `cert-manager`, or the one that stands: https://cert-manager.io/docs/installation/helm/
 */
export class CertManager extends pulumi.ComponentResource {
  /** The namespace in which a ClusterIssuer's Secrets are looked up. */
  readonly secretsNamespace: pulumi.Input<string>;
  /**
   * The release, complete when its start-up check has seen the webhook answer; nothing where cert-manager stands already. Objects that the
   * webhook admits are made after it and deleted before it.
   */
  readonly release: pulumi.Resource[];
  /** Resolves, with nothing to depend on, when the release is handed to the engine. */
  readonly begun: Promise<pulumi.Resource[]>;
  /** Its version. It is unknown in the preview of an upgrade, when the API server still refuses the new version's fields. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: CertManagerPartArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:CertManager", name, {}, opts);
    const { names, versions, preflight, priorityClass, mirror, renewalInfo } = args;
    if (args.existing) {
      this.secretsNamespace = names.clusterResourceNamespace;
      this.release = [];
      this.begun = Promise.resolve([]);
      this.version = whenKnown(args.standing);
      this.registerOutputs({});
      return;
    }
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: namespaces.certManager, labels: { ...labels, ...restricted } } },
      { parent: this, retainOnDelete: args.keepCertificates },
    );
    this.secretsNamespace = namespace.metadata.name;
    this.begun = known(namespace.id).then(() => []);
    const release = chart(
      name,
      {
        chart: `oci://${mirrored("quay.io/jetstack/charts/cert-manager", mirror)}`,
        version: `v${versions.certManager}`,
        name: releases.certManager.name,
        namespace: this.secretsNamespace,
        values: {
          crds: { enabled: true },
          // Managed clusters such as GKE Autopilot deny leases in kube-system.
          global: {
            leaderElection: { namespace: this.secretsNamespace },
            ...(priorityClass && { priorityClassName: priorityClass }),
          },
          webhook: webhook(args),
          ...(mirror && { imageRegistry: mirror }),
          ...(renewalInfo && { featureGates: "ACMEUseARI=true" }),
          ...prometheus(args),
        },
        preflight,
      },
      { parent: this },
    );
    this.release = [release];
    this.version = release.status.apply(({ version }) => version.replace(/^v/, ""));
    this.registerOutputs({});
  }
}

/**
 * The chart's PodMonitor, with which it leaves the annotations out. It has the label `prometheus` in any case, which must not come twice; the labels
 * of a Certificate's metrics are the Certificate's, and not its pod's.
 */
const prometheus = ({ monitoring }: CertManagerPartArgs) => {
  if (monitoring?.scrape !== Scrape.PodMonitor) return undefined;
  const { prometheus: prometheusInstance, ...labels } = monitoring.labels ?? {};
  const podmonitor = { enabled: true, honorLabels: true, labels, ...(prometheusInstance && { prometheusInstance }) };
  return { prometheus: { podmonitor } };
};

/**
 * The webhook answers for every write of a Certificate, a Challenge and the like, so it must not be gone with a node. The two controllers may:
 * a renewal begins weeks before its certificate expires. https://cert-manager.io/docs/installation/best-practice/#high-availability
 */
const webhook = (args: ControllersArgs) => {
  const labels = { "app.kubernetes.io/component": "webhook", "app.kubernetes.io/instance": releases.certManager.name };
  const { replicas, topologySpreadConstraints, budget } = answering(args, labels);
  return {
    replicaCount: replicas,
    topologySpreadConstraints,
    ...(budget && { podDisruptionBudget: { enabled: true, ...budget } }),
  };
};
