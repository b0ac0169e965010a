/** One certificate for a domain and its wildcard. */
import * as pulumi from "@pulumi/pulumi";
import { Certificate as CertificateResource, type CertificateStatus, waitFor } from "./resources/customResources";
import { certificateName, tlsSecretName } from "./rules/names";

/** Where the certificate goes, and who issues it. */
export interface CertificateArgs {
  domain: string;
  namespace: pulumi.Input<string>;
  issuerRef: pulumi.Input<{ name: string; kind: string }>;
}

/**
 * Apex and wildcard in one ECDSA certificate with a new key at each renewal. A change of issuer re-issues it into the same Secret, and the
 * old one serves meanwhile: https://cert-manager.io/docs/usage/certificate/
 *
 * Errors: Pulumi's, with the Certificate's condition, when it is not Ready in 15 minutes.
 */
export class Certificate extends pulumi.ComponentResource {
  readonly status: pulumi.Output<CertificateStatus | undefined>;

  constructor(name: string, { domain, namespace, issuerRef }: CertificateArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Certificate", name, {}, opts);
    const certificate = new CertificateResource(
      name,
      {
        metadata: { name: certificateName(domain), namespace, annotations: waitFor("condition=Ready") },
        spec: {
          secretName: tlsSecretName(domain),
          issuerRef,
          dnsNames: [domain, `*.${domain}`],
          privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
          // A share, so that it holds while Let's Encrypt's lifetimes go from 90 days to 45 and below.
          renewBeforePercentage: 33,
        },
      },
      {
        parent: this,
        customTimeouts: { create: "15m", update: "15m" },
      },
    );
    this.status = certificate.status;
    this.registerOutputs({ status: this.status });
  }
}
