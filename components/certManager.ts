/** cert-manager, which obtains and renews the certificates. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chart } from "./resources/chart";
import { labels, namespaces, releases, restricted } from "./rules/names";
import type { VersionSet } from "./rules/versions";

/** cert-manager from its own chart, in namespace `cert-manager`: https://cert-manager.io/docs/installation/helm/ */
export class CertManager extends pulumi.ComponentResource {
  /** The namespace, in which a ClusterIssuer's Secrets are looked up too. */
  readonly namespace: pulumi.Output<string>;
  /**
   * The release, complete when its start-up check has seen the webhook answer. Objects that the webhook admits are made after it and deleted before it.
   */
  readonly release: pulumi.Resource;
  /** The installed version. It is unknown in the preview of an upgrade, when the API server still refuses the new version's fields. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, { versions }: { versions: VersionSet }, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:CertManager", name, {}, opts);
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: { name: namespaces.certManager, labels: { ...labels, ...restricted } } },
      { parent: this },
    );
    this.namespace = namespace.metadata.name;
    const release = chart(
      name,
      {
        chart: "oci://quay.io/jetstack/charts/cert-manager",
        version: `v${versions.certManager}`,
        name: releases.certManager.name,
        namespace: this.namespace,
        values: {
          crds: { enabled: true },
          // Managed clusters such as GKE Autopilot deny leases in kube-system.
          global: { leaderElection: { namespace: this.namespace } },
        },
      },
      { parent: this },
    );
    this.release = release;
    this.version = release.status.apply(({ version }) => version.replace(/^v/, ""));
    this.registerOutputs({ namespace: this.namespace });
  }
}
