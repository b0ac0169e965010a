/** One certificate for a domain and its wildcard. */
import * as pulumi from "@pulumi/pulumi";
import { isLimited, withinDomainLimits, withinLimits } from "./issuanceLimits";
import type { AcmeArgs } from "./issuers";
import { Certificate as CertificateResource, takenOver } from "./resources/customResources";
import type { Preflight } from "./resources/preflight";
import { whenKnown } from "./resources/unknown";
import { isFailure, type Way, waited } from "./resources/wait";
import { rehearsalPercentageOf, renewBeforePercentageOf } from "./rules/acme";
import { certificateName, type Names, namesFor, rehearsalName, tlsSecretName } from "./rules/names";
import type { Connection } from "./standing/connection";
import { type CertificateStatus, certificateOf, failureMark, issuances, issueAnew, lookAt } from "./standing/issuance";
import type { Look } from "./standing/wait";
import type { Domain } from "./zones";

/** Where the certificate goes, and who issues it. */
export interface CertificateArgs extends Pick<AcmeArgs, "environment" | "server" | "ignoreLimits"> {
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
  /**
   * Whether Let's Encrypt's staging environment must issue for the same names first.
   * @default false
   */
  rehearsal?: boolean;
  /** Reads that must succeed before it is asked for. */
  preflight: Preflight;
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
 * time is up; `acme.environment must not be production before …` in the preview, where it would be asked for more than Let's Encrypt issues.
 */
export class Certificate extends pulumi.ComponentResource {
  readonly status: pulumi.Output<CertificateStatus>;
  /** The certificate, once it is issued. */
  readonly ready: Promise<pulumi.Resource[]>;

  constructor(name: string, args: CertificateArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Certificate", name, {}, opts);
    const { domain, profile, rehearsal, renewBeforePercentage = renewBeforePercentageOf(profile) } = args;
    if (isLimited(args)) args.preflight.add(withinLimits(domain, args));
    const { certificate, issued } = issue(this, name, {
      ...args,
      after: rehearsal ? new Rehearsal(`${name}-rehearsal`, args, { parent: this }).ready : Promise.resolve([]),
      objectName: certificateName(domain),
      secretName: tlsSecretName(domain),
      renewBeforePercentage,
      next: "mend the cause and run pulumi up again, which begins it anew",
    });
    this.ready = issued.then(() => [certificate]);
    this.status = whenKnown(issued);
    this.registerOutputs({ status: this.status });
  }
}

/**
 * A certificate for each domain.
 *
 * Errors: those of each, and `acme.environment must not be production for more than 50 new domains at once …`, or `… before …`, in the preview,
 * where more would be asked for below a zone than Let's Encrypt issues below a registered domain.
 */
export const certificatesFor = (
  domains: Domain[],
  nameOf: (domain: string) => string,
  args: Omit<CertificateArgs, "domain">,
  opts: pulumi.ComponentResourceOptions,
): Certificate[] => {
  if (isLimited(args)) args.preflight.add(withinDomainLimits(domains, args));
  return domains.map(({ name: domain }) => new Certificate(nameOf(domain), { ...args, domain }, opts));
};

/**
 * The same names from Let's Encrypt's staging environment, before its production is asked for them: a token, a zone or a CAA record that is wrong
 * uses up nothing there. It serves nobody, and is renewed ahead of the one that does, so that trouble with the CA or with Cloudflare shows
 * while there is time.
 *
 * Errors: `Certificate rehearse-… must be issued, got …` as long as the serving one has not been issued; afterwards that is a warning.
 */
export class Rehearsal extends pulumi.ComponentResource {
  /** The rehearsed certificate, once production may be asked. */
  readonly ready: Promise<pulumi.Resource[]>;

  constructor(name: string, args: CertificateArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Rehearsal", name, {}, opts);
    const { names, domain, profile, way, renewBeforePercentage = renewBeforePercentageOf(profile) } = args;
    const stands = way.then((cluster) => cluster !== undefined && servesProduction(cluster, names, domain));
    const { certificate, issued } = issue(this, name, {
      ...args,
      after: Promise.resolve([]),
      // Not before the chosen issuer: cert-manager must be up to admit it.
      issuerRef: pulumi.output(args.issuerRef).apply(() => ({ name: names.issuers.staging, kind: "ClusterIssuer" })),
      objectName: rehearsalName(domain),
      secretName: `${rehearsalName(domain)}-tls`,
      renewBeforePercentage: rehearsalPercentageOf(renewBeforePercentage),
      next: "Let's Encrypt's production is not asked before; mend the cause and run pulumi up again",
      optional: stands,
    });
    this.ready = issued
      .catch(async (error: Error) => {
        if (!(await stands) || (await isFailure(way, error))) throw error;
        pulumi.log.warn(
          `${error.message}; the serving certificate stands, and its renewal may fail the same way`,
          certificate,
        );
      })
      .then(() => [certificate]);
    this.ready.catch(() => {}); // the serving certificate waits for it, and tells
    this.registerOutputs({});
  }
}

/** What tells one Certificate object of a domain from the other. */
interface Issue extends Omit<CertificateArgs, "renewBeforePercentage" | "rehearsal"> {
  /** What must be there before. */
  after: Promise<pulumi.Resource[]>;
  objectName: string;
  secretName: string;
  renewBeforePercentage: number;
  /** What to do when it is not issued. */
  next: string;
  /** Whether the run goes on without it. */
  optional?: Promise<boolean>;
}

/** Registers a Certificate object, and waits until it is issued. */
const issue = (
  parent: pulumi.Resource,
  name: string,
  { names, domain, namespace, issuerRef, way, seconds = 900, optional, ...args }: Issue,
) => {
  const { objectName, secretName, renewBeforePercentage, next, after } = args;
  // Before it is changed: what has failed by then is an earlier run's failure.
  const earlier = way.then((cluster) => (cluster ? failureOf(cluster, names, objectName) : undefined));
  const known = earlier.then(() => after);
  const certificate = new CertificateResource(
    name,
    {
      metadata: { name: objectName, namespace, annotations: takenOver },
      spec: {
        secretName,
        issuerRef,
        dnsNames: namesFor(domain),
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        revisionHistoryLimit: history,
        // A share, so that it holds while Let's Encrypt's lifetimes go from 90 days to 45 and below.
        renewBeforePercentage,
      },
    },
    { parent, dependsOn: known },
  );
  const issued = waited(certificate, way, {
    look: issuance(objectName, names, earlier, certificate),
    seconds,
    problem: (found, after) =>
      `Certificate ${objectName} must be issued, got ${found}${after} (${next}; kubectl describe certificate,order,challenge -n ${names.namespace})`,
    optional,
  });
  return { certificate, issued };
};

/** Issuances of which the cluster keeps the requests: five by production, which is its limit of a week, and as many by staging in between. */
const history = 10;

/** Whether production has issued a domain's certificate. */
const servesProduction = async (cluster: Connection, names: Names, domain: string): Promise<boolean> => {
  const name = certificateName(domain);
  const standing = await issuances(cluster, names.namespace, 0);
  const found = lookAt(name, standing);
  const issuer = certificateOf(name, standing)?.spec?.issuerRef.name;
  return found !== undefined && "done" in found && issuer === names.issuers.production;
};

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
