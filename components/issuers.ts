/** The ClusterIssuers: Let's Encrypt's staging environment, to rehearse, and its production, to serve; or another ACME server. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import { admissionPolicy } from "./resources/admission";
import { ClusterIssuer, takenOver } from "./resources/customResources";
import { readText } from "./resources/download";
import { edgeError } from "./resources/error";
import type { Preflight } from "./resources/preflight";
import { known, whenKnown } from "./resources/unknown";
import { isFailure, type Way, waited } from "./resources/wait";
import {
  checkDirectory,
  checkEab,
  checkEabHmacKey,
  checkEabKeyId,
  checkProfile,
  checkRehearsal,
  checkRenewBeforePercentage,
  checkRoots,
  eabHmacKey,
  isPem,
  letsEncryptServers,
} from "./rules/acme";
import { challengesOf } from "./rules/challenges";
import { checkEmail, checkLocation, checkWait } from "./rules/checks";
import { accountKeyName, eabSecretKey, eabSecretName, labels, type Names } from "./rules/names";
import { text } from "./rules/problems";
import { isAtLeast } from "./rules/versions";
import { type Conditioned, condition } from "./standing/condition";
import type { Connection } from "./standing/connection";
import { askAgain, issuerPath, lookAt } from "./standing/issuer";
import type { Look } from "./standing/wait";

/** Let's Encrypt's two environments. */
export enum AcmeEnvironment {
  Staging = "staging",
  Production = "production",
}

/** Another ACME server than Let's Encrypt's, such as a firm's own CA, ZeroSSL or Google. */
export interface AcmeServerArgs {
  /** Address of its directory: `https://ca.company.example/acme/acme/directory`. Another address is another issuer, which issues anew. */
  url: string;
  /**
   * Roots by which cert-manager knows the server, in PEM, or a path to them, where public CAs do not vouch for it.
   * @default - the roots in cert-manager's image
   */
  caBundle?: string;
  /**
   * Id of the key that binds the ACME account to one at the CA (external account binding), where the CA asks for it.
   * @default - no binding
   */
  eabKeyId?: string;
  /**
   * The HMAC key of that id, in base64. A change registers the account anew.
   * @default - no binding
   */
  eabHmacKey?: pulumi.Output<string>;
}

/** How certificates are obtained. */
export interface AcmeArgs {
  /**
   * Which Let's Encrypt issues the serving certificate: `staging` or `production`. A change re-issues while the old certificate serves.
   * @default "staging", which browsers do not trust and whose limits are wide
   */
  environment?: AcmeEnvironment | `${AcmeEnvironment}`;
  /**
   * Contact of the ACME account. Let's Encrypt needs none and refuses addresses at example.com.
   * @default - none
   */
  email?: string;
  /**
   * How long cert-manager lets a challenge's record spread before it asks for validation, such as `90s`; or `selfCheck`, to look the
   * record up first. cert-manager before 1.21 always looks it up.
   * @default "60s"
   */
  waitInsteadOfSelfCheck?: string;
  /**
   * Whether `destroy` leaves the certificates and the keys of the ACME accounts, and the two namespaces that they are in. The next `up` of
   * the same stack takes them over, and issues nothing. It counts from the `up` after it is set.
   * @default false: nothing is left
   */
  keepCertificates?: boolean;
  /**
   * Kind of certificate to ask for: `classic` (90 days), `tlsserver` (45 days) or `shortlived` (160 hours) of Let's Encrypt, or any that
   * `server` offers. It holds from the next renewal on. See docs/certificates.md.
   * @default - the server's own choice, which is `classic` at Let's Encrypt
   */
  profile?: string;
  /**
   * Share of a certificate's life, in percent, that is left when it is renewed.
   * @default - 33, and 50 with the profile `shortlived`
   */
  renewBeforePercentage?: number;
  /**
   * Renews when the CA suggests it (ACME Renewal Information, RFC 9773), which comes before the share. Needs cert-manager 1.21.3, in which it is
   * an alpha feature.
   * @default false
   */
  renewalInfo?: boolean;
  /**
   * Whether Let's Encrypt's staging environment must issue for the same names before its production is asked for the first time. The rehearsed
   * certificate serves nobody, stays, and is renewed ahead of the other, so that trouble shows early. It goes with `environment: production`.
   * @default false: production is asked at once
   */
  rehearsal?: boolean;
  /**
   * Whether Let's Encrypt's production is asked although the certificates that the cluster knows of use up its five a week for the same names, or
   * its fifty a week below a registered domain, as with an account whose limits it has raised. See docs/certificates.md.
   * @default false: such an `up` is refused before anything is changed, and says from when on production may be asked
   */
  ignoreLimits?: boolean;
  /**
   * Another ACME server, in place of Let's Encrypt and its two environments. See docs/certificates.md.
   * @default - Let's Encrypt
   */
  server?: AcmeServerArgs;
}

/** Certificates as they are, or a path to them, which is read later. */
const checkCaBundle = (bundle: string): string | undefined =>
  isPem(bundle) ? checkRoots(bundle, Date.now()) : checkLocation(bundle);

/** The setting `acme`. The secret of `server` is a key of its own, checked when it is known. */
export const acmeSetting = z
  .strictObject({
    environment: z.enum(AcmeEnvironment).optional(),
    email: text(checkEmail).optional(),
    waitInsteadOfSelfCheck: text(checkWait).optional(),
    profile: z.string().optional(),
    renewBeforePercentage: z.number().optional(),
    renewalInfo: z.boolean().optional(),
    rehearsal: z.boolean().optional(),
    ignoreLimits: z.boolean().optional(),
    keepCertificates: z.boolean().optional(),
    server: z
      .strictObject({
        url: text(checkDirectory),
        caBundle: text(checkCaBundle).optional(),
        eabKeyId: text(checkEabKeyId).optional(),
      } satisfies { [K in keyof Required<Omit<AcmeServerArgs, "eabHmacKey">>]: z.ZodType })
      .optional(),
  } satisfies { [K in keyof Required<AcmeArgs>]: z.ZodType })
  .superRefine(({ environment, profile, rehearsal, renewBeforePercentage, server }, context) => {
    const problems = {
      rehearsal: rehearsal && checkRehearsal(environment ?? AcmeEnvironment.Staging, server !== undefined),
      environment: environment && server && besideServer(environment),
      profile: profile !== undefined && checkProfile(profile, !server),
      renewBeforePercentage:
        renewBeforePercentage !== undefined &&
        checkRenewBeforePercentage(renewBeforePercentage, server ? undefined : profile),
    };
    for (const [key, message] of Object.entries(problems))
      if (message) context.addIssue({ code: "custom", path: [key], message });
  });

const besideServer = (environment: string): string =>
  `must be left out beside acme.server, got "${environment}" (the environments are Let's Encrypt's: leave one of the two out)`;

/** What is wrong with the binding to an external account, of which one half is a secret; undefined when both or none are there. */
export const checkServer = ({ server }: AcmeArgs = {}): string | undefined =>
  server && checkEab(server.eabKeyId, server.eabHmacKey !== undefined);

/**
 * A minute covers two facts. Cloudflare serves a new record everywhere within seconds, and Let's Encrypt's resolvers keep an answer for up
 * to 60 s. Apex and wildcard are validated one after the other at the same name, so with a shorter wait the cached answer to the first
 * validation may decide the second. A failed validation costs one of five an hour, and cert-manager an hour before it tries again.
 * cert-manager's own check is slower, since it ends with 60 s of waiting too, and needs network access to port 53.
 */
const defaultWait = "60s";

/** What an issuer needs besides its server. */
export interface IssuersArgs extends AcmeArgs {
  names: Names;
  /** Where a solver finds Cloudflare's token, and the zones that it answers for; one for each token. */
  solvers: { secretRef: pulumi.Input<{ name: string; key: string }>; zones: { name: string }[] }[];
  /** The release of cert-manager, if it is the edge's own, its version, and the namespace in which it looks up a ClusterIssuer's Secrets. */
  certManager: { release: pulumi.Resource[]; version: pulumi.Output<string>; secretsNamespace: pulumi.Input<string> };
  /** Reads that must succeed before an issuer is made. */
  preflight: Preflight;
  /** The way to the cluster. */
  way: Way;
  /**
   * Seconds that the chosen issuer's ACME account may take.
   * @default 120
   */
  seconds?: number;
  /**
   * Seconds that the other issuer's may take before a warning. No other resource waits for it.
   * @default 20
   */
  grace?: number;
}

/** An issuer as it is told apart from the others. */
interface Planned {
  /** What its resource is called after. */
  key: string;
  /** Name of the ClusterIssuer. */
  name: string;
  /** Address of the server's directory. */
  server: string;
}

const letsEncrypt = (key: keyof typeof letsEncryptServers, { issuers }: Names): Planned => ({
  key,
  name: issuers[key],
  server: letsEncryptServers[key],
});

/**
 * Both of Let's Encrypt's issuers, always: the switch from staging to production edits nothing but the Certificate's `issuerRef`. Each `up` waits
 * for the chosen one's account; the other environment may be down, which is a warning. With `server` there is its issuer alone: a rehearsal's
 * purpose is to spare Let's Encrypt's limits, and who has a CA of his own may not reach Let's Encrypt at all.
 *
 * Errors: `ClusterIssuer … must have an ACME account, got …`, with the ACME server's words, as soon as it has refused, or when the time is up;
 * `acme.server.caBundle must …` for a file that cannot be read or holds no roots.
 */
export class Issuers extends pulumi.ComponentResource {
  /** The issuer of the chosen environment, or of the server. */
  readonly issuerRef: pulumi.Output<{ name: string; kind: string }>;

  constructor(name: string, args: IssuersArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Issuers", name, {}, opts);
    const {
      names,
      environment = "staging",
      email,
      profile,
      server,
      solvers,
      certManager,
      way,
      seconds = 120,
      grace = 20,
    } = args;
    const { waitInsteadOfSelfCheck: wait = defaultWait } = args;
    const waitInsteadOfSelfCheck = certManager.version.apply((version) =>
      wait !== "selfCheck" && isAtLeast(version, "1.21") ? wait : undefined,
    );

    const own = server && { key: "server", name: names.serverIssuer(server.url), server: server.url };
    const chosen = own ?? letsEncrypt(environment, names);
    const other = own ? undefined : letsEncrypt(environment === "staging" ? "production" : "staging", names);
    const ofServer = server && {
      ...(server.caBundle && { caBundle: rootsOf(server.caBundle, args.preflight) }),
      ...(server.eabKeyId && {
        externalAccountBinding: externalAccount(name, chosen.name, server, certManager.secretsNamespace, this),
      }),
    };
    const issuer = ({ key, name: issuerName, server: url }: Planned) =>
      new ClusterIssuer(
        `${name}-${key}`,
        {
          metadata: { name: issuerName, annotations: takenOver },
          spec: {
            acme: {
              server: url,
              ...ofServer,
              ...(email && { email }),
              ...(profile && { profile }),
              privateKeySecretRef: { name: accountKeyName(issuerName) },
              solvers: solvers.map(({ secretRef, zones }) => ({
                selector: { dnsZones: zones.map((zone) => zone.name) },
                dns01: { cloudflare: { apiTokenSecretRef: secretRef } },
                waitInsteadOfSelfCheck,
              })),
            },
          },
        },
        {
          parent: this,
          dependsOn: certManager.release,
        },
      );
    if (wait !== "selfCheck") {
      const issuers = [chosen, ...(other ? [other] : [])].map((planned) => planned.name).sort();
      const child = { parent: this, dependsOn: opts.dependsOn };
      admissionPolicy(`${name}-challenges`, names.challengePolicy, challengesOf(issuers), child);
    }
    const made = issuer(chosen);
    this.issuerRef = made.metadata.name.apply((issuerName) => ({ name: issuerName, kind: "ClusterIssuer" }));
    const account = (resource: ClusterIssuer, issuerName: string, limit: number, optional = false) =>
      waited(resource, way, {
        optional,
        look: registration(issuerName),
        seconds: limit,
        problem: (found, after) =>
          `ClusterIssuer ${issuerName} must have an ACME account, got ${found}${after} (kubectl describe clusterissuer ${issuerName})`,
      });
    const told = async (planned: Planned): Promise<void> => {
      const spare = issuer(planned);
      await account(spare, planned.name, grace, true).catch(async (error: Error) => {
        const isMade = await known(spare.urn).then(
          () => true,
          () => false, // and why is told already
        );
        if (isMade && !(await isFailure(way, error))) pulumi.log.warn(error.message, spare);
      });
    };
    const ready = Promise.all([account(made, chosen.name, seconds), other && told(other)]).then(() => true);
    this.registerOutputs({ issuerRef: this.issuerRef, ready });
  }
}

/** Looks how far an issuer is, and has the ACME server asked again, once, when the issuer stands in a failure that cert-manager tries again. */
const registration = (name: string) => {
  let isAsked = false;
  return async (cluster: Connection): Promise<Look<Conditioned>> => {
    const issuer = await cluster.get<Conditioned>(issuerPath(name));
    const found = lookAt(issuer);
    const hasFailed = issuer && condition(issuer, "Ready") && found && "waiting" in found;
    if (hasFailed && !isAsked && !pulumi.runtime.isDryRun()) {
      isAsked = true;
      await askAgain(cluster, issuer);
    }
    return found;
  };
};

/**
 * The external account, whose key stands in a Secret with a new name for each key: cert-manager asks a server again that has refused the account
 * only when the issuer itself has changed.
 */
const externalAccount = (
  name: string,
  issuer: string,
  { eabKeyId: keyID = "", eabHmacKey: given = pulumi.output("") }: AcmeServerArgs,
  namespace: pulumi.Input<string>,
  parent: pulumi.Resource,
) => {
  const key = pulumi.secret(given).apply((text) => {
    const problem = checkEabHmacKey(text);
    if (problem) throw edgeError(`eabHmacKey ${problem}`);
    return eabHmacKey(text);
  });
  const unique = new random.RandomId(`${name}-eab`, { byteLength: 4, keepers: { keyID, key } }, { parent });
  const secretName = unique.hex.apply((hex) => eabSecretName(issuer, hex));
  const { metadata } = new kubernetes.core.v1.Secret(
    `${name}-eab`,
    { metadata: { name: secretName, namespace, labels }, stringData: { [eabSecretKey]: key } },
    { parent },
  );
  return { keyID, keySecretRef: { name: metadata.name, key: eabSecretKey } };
};

/** The roots as the ClusterIssuer carries them, in base64. */
const rootsOf = (bundle: string, preflight: Preflight): pulumi.Output<string> => {
  const path = "acme.server.caBundle";
  const read = isPem(bundle) ? Promise.resolve(bundle) : readText(path, bundle);
  const checked = read.then((pem) => {
    const problem = checkRoots(pem, Date.now());
    if (problem) throw edgeError(`${path} ${problem}`);
    return Buffer.from(pem).toString("base64");
  });
  return whenKnown(preflight.add(checked));
};
