/** The two ClusterIssuers: Let's Encrypt's staging environment, to rehearse, and its production, to serve. */
import * as pulumi from "@pulumi/pulumi";
import { ClusterIssuer, waitFor } from "./customResources";
import type { AcmeArgs } from "./httpsEdge";
import { isAtLeast } from "./versions";

/** https://letsencrypt.org/docs/staging-environment/ */
const servers = {
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  production: "https://acme-v02.api.letsencrypt.org/directory",
};

/** Names that the guide gave them. */
const names = { staging: "letsencrypt-staging", production: "letsencrypt-prod" };

/**
 * Long enough for two facts: Cloudflare serves a new record everywhere within seconds, and Let's Encrypt's resolvers keep an answer for at
 * most 60 s. The apex and its wildcard are proved one after the other at the same name, so the second proof asked for any sooner may be
 * judged by the cached answer to the first. cert-manager's own check is slower (it ends with 60 s of waiting too) and needs a way out to
 * port 53. A failed validation costs one of five an hour, and cert-manager an hour before it tries again.
 */
const defaultWait = "60s";

/** What an issuer needs besides its server. */
export interface IssuersArgs extends AcmeArgs {
  apiTokenSecretRef: pulumi.Input<{ name: string; key: string }>;
  /** Zones that the solver may answer for. */
  dnsZones: string[];
  /** What runs cert-manager, and the version that it is. */
  certManager: { release: pulumi.Resource; version: pulumi.Output<string> };
}

/** Both issuers, always: the switch from staging to production edits nothing but the Certificate's `issuerRef`. */
export class Issuers extends pulumi.ComponentResource {
  /** The issuer of the chosen environment. */
  readonly issuerRef: pulumi.Output<{ name: string; kind: string }>;

  constructor(name: string, args: IssuersArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:Issuers", name, {}, opts);
    const { environment = "staging", email, dnsZones, apiTokenSecretRef, certManager } = args;
    const { waitInsteadOfSelfCheck: wait = defaultWait } = args;
    const waitInsteadOfSelfCheck = certManager.version.apply((version) =>
      wait !== "selfCheck" && isAtLeast(version, "1.21") ? wait : undefined,
    );

    const issuer = (which: keyof typeof servers) =>
      new ClusterIssuer(
        `${name}-${which}`,
        {
          metadata: { name: names[which], annotations: waitFor("condition=Ready") },
          spec: {
            acme: {
              server: servers[which],
              ...(email && { email }),
              privateKeySecretRef: { name: `${names[which]}-account-key` },
              solvers: [
                {
                  selector: { dnsZones },
                  dns01: { cloudflare: { apiTokenSecretRef } },
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
