/** The two ClusterIssuers: Let's Encrypt's staging environment, to rehearse, and its production, to serve. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { ClusterIssuer, waitFor } from "./resources/customResources";
import { checkEmail, checkWait } from "./rules/checks";
import { accountKeyName, issuerNames } from "./rules/names";
import { text } from "./rules/problems";
import { isAtLeast } from "./rules/versions";

/** https://letsencrypt.org/docs/staging-environment/ */
const servers = {
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  production: "https://acme-v02.api.letsencrypt.org/directory",
};

/** Let's Encrypt's two environments. */
export enum AcmeEnvironment {
  Staging = "staging",
  Production = "production",
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
}

/** The setting `acme`. */
export const acmeSetting = z.strictObject({
  environment: z.enum(AcmeEnvironment).optional(),
  email: text(checkEmail).optional(),
  waitInsteadOfSelfCheck: text(checkWait).optional(),
} satisfies { [K in keyof Required<AcmeArgs>]: z.ZodType });

/**
 * A minute covers two facts. Cloudflare serves a new record everywhere within seconds, and Let's Encrypt's resolvers keep an answer for up
 * to 60 s. Apex and wildcard are validated one after the other at the same name, so with a shorter wait the cached answer to the first
 * validation may decide the second. A failed validation costs one of five an hour, and cert-manager an hour before it tries again.
 * cert-manager's own check is slower, since it ends with 60 s of waiting too, and needs network access to port 53.
 */
const defaultWait = "60s";

/** What an issuer needs besides its server. */
export interface IssuersArgs extends AcmeArgs {
  /** Where the solver finds Cloudflare's token. */
  token: pulumi.Input<{ name: string; key: string }>;
  /** Zones that the solver may answer for. */
  zones: { name: string }[];
  /** The release of cert-manager, and its version. */
  certManager: { release: pulumi.Resource; version: pulumi.Output<string> };
}

/** Both issuers, always: the switch from staging to production edits nothing but the Certificate's `issuerRef`. */
export class Issuers extends pulumi.ComponentResource {
  /** The issuer of the chosen environment. */
  readonly issuerRef: pulumi.Output<{ name: string; kind: string }>;

  constructor(name: string, args: IssuersArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Issuers", name, {}, opts);
    const { environment = "staging", email, zones, token, certManager } = args;
    const { waitInsteadOfSelfCheck: wait = defaultWait } = args;
    const waitInsteadOfSelfCheck = certManager.version.apply((version) =>
      wait !== "selfCheck" && isAtLeast(version, "1.21") ? wait : undefined,
    );

    const issuer = (which: keyof typeof servers) =>
      new ClusterIssuer(
        `${name}-${which}`,
        {
          metadata: { name: issuerNames[which], annotations: waitFor("condition=Ready") },
          spec: {
            acme: {
              server: servers[which],
              ...(email && { email }),
              privateKeySecretRef: { name: accountKeyName(issuerNames[which]) },
              solvers: [
                {
                  selector: { dnsZones: zones.map((zone) => zone.name) },
                  dns01: { cloudflare: { apiTokenSecretRef: token } },
                  waitInsteadOfSelfCheck,
                },
              ],
            },
          },
        },
        {
          parent: this,
          dependsOn: certManager.release,
          customTimeouts: { create: "2m", update: "2m" },
        },
      );
    const issuers = { staging: issuer("staging"), production: issuer("production") };
    this.issuerRef = issuers[environment].metadata.name.apply((issuerName) => ({
      name: issuerName,
      kind: "ClusterIssuer",
    }));
    this.registerOutputs({ issuerRef: this.issuerRef });
  }
}
