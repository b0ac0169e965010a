/** One certificate for a domain and its wildcard. */
import * as pulumi from "@pulumi/pulumi";
import { Certificate as CertificateResource, takenOver } from "./resources/customResources";
import { whenKnown } from "./resources/unknown";
import { type Way, waited } from "./resources/wait";
import { renewBeforePercentageOf } from "./rules/acme";
import { certificateName, type Names, tlsSecretName } from "./rules/names";
import type { Connection } from "./standing/connection";
import { type CertificateStatus, certificateOf, failureMark, issuances, issueAnew, lookAt } from "./standing/issuance";
import type { Look } from "./standing/wait";

/** Where the certificate goes, and who issues it. */
export interface CertificateArgs {
  names: Names;
  domain: string;
  namespace: pulumi.Input<string>;
  issuerRef: pulumi.Input<{ name: string; kind: string }>;
  /** Kind of certificate that the issuer asks for. */
  profile?: string;
  /**
   * Share of its life, in percent, that is left when it is renewed.
   * @default - the profile's
   */
  renewBeforePercentage?: number;
  /** The way to the cluster. */
  way: Way;
  /**
   * Seconds that an issuance may take.
   * @default 900
   */
  seconds?: number;
}

/**
 * Apex and wildcard in one ECDSA certificate with a new key at each renewal. A change of issuer re-issues it into the same Secret, and the
 * old one serves meanwhile: https://cert-manager.io/docs/usage/certificate/
 *
 * Each `up` waits until it is issued. One that failed in an earlier run is begun anew, since whoever runs `up` again has mended the cause.
 *
 * Errors: `Certificate … must be issued, got …`, with the words of the challenge or order, as soon as cert-manager has given up, or when the
 * time is up.
 */
export class Certificate extends pulumi.ComponentResource {
  readonly status: pulumi.Output<CertificateStatus>;
  /** The certificate, once it is issued. */
  readonly ready: Promise<pulumi.Resource[]>;

  constructor(name: string, args: CertificateArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Certificate", name, {}, opts);
    const { names, domain, namespace, issuerRef, profile, way, seconds = 900 } = args;
    const { renewBeforePercentage = renewBeforePercentageOf(profile) } = args;
    const objectName = certificateName(domain);
    // Before it is changed: what has failed by then is an earlier run's failure.
    const earlier = way.then((cluster) => (cluster ? failureOf(cluster, names, objectName) : undefined));
    const known: Promise<pulumi.Resource[]> = earlier.then(() => []);
    const certificate = new CertificateResource(
      name,
      {
        metadata: { name: objectName, namespace, annotations: takenOver },
        spec: {
          secretName: tlsSecretName(domain),
          issuerRef,
          dnsNames: [domain, `*.${domain}`],
          privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
          // A share, so that it holds while Let's Encrypt's lifetimes go from 90 days to 45 and below.
          renewBeforePercentage,
        },
      },
      { parent: this, dependsOn: known },
    );
    const issued = waited(certificate, way, {
      look: issuance(objectName, names, earlier, certificate),
      seconds,
      problem: (found, after) =>
        `Certificate ${objectName} must be issued, got ${found}${after} (mend the cause and run pulumi up again, which begins it anew; kubectl describe certificate,order,challenge -n ${names.namespace})`,
    });
    this.ready = issued.then(() => [certificate]);
    this.status = whenKnown(issued);
    this.registerOutputs({ status: this.status });
  }
}

/** The failure that a Certificate stands in. */
const failureOf = async (cluster: Connection, names: Names, name: string): Promise<string | undefined> => {
  const standing = await issuances(cluster, names.namespace, 0);
  const found = lookAt(name, standing);
  return found && "failed" in found ? failureMark(name, standing) : undefined;
};

/** Looks how far an issuance is, and begins it anew, once, when it stands in an earlier run's failure. */
const issuance = (name: string, names: Names, earlier: Promise<string | undefined>, parent: pulumi.Resource) => {
  let isAnew = false;
  let made: number | undefined;
  return async (cluster: Connection): Promise<Look<CertificateStatus>> => {
    made ??= Date.now();
    const standing = await issuances(cluster, names.namespace, made);
    const found = lookAt(name, standing);
    const certificate = certificateOf(name, standing);
    if (!certificate || !found || !("failed" in found) || pulumi.runtime.isDryRun()) return found;
    if (failureMark(name, standing) !== (await earlier)) return found;
    if (!isAnew) {
      isAnew = true;
      await issueAnew(cluster, names.namespace, certificate, "pulumi up begins anew");
      pulumi.log.info(`Certificate ${name} had failed: ${found.failed}. Its issuance begins anew.`, parent);
    }
    return { waiting: found.failed };
  };
};
