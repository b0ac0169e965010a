/** The Cloudflare API token with which cert-manager proves control of the zones, and the Secret that carries it. */
import * as cloudflare from "@pulumi/cloudflare";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { fault } from "./fault";
import type { CloudflareArgs } from "./httpsEdge";

/** The two rights of the token, by the names that the API gives them; the dashboard calls the second "DNS Edit". */
const rights = ["DNS Write", "Zone Read"];
const zoneScope = "com.cloudflare.api.account.zone";

/** What the token is for. */
export interface CloudflareTokenArgs extends CloudflareArgs {
  /** Tells tokens apart in Cloudflare's list; its change replaces the token. */
  label: string;
  zoneIds: pulumi.Output<string>[];
  /** Namespace of the Secret: the one in which cert-manager looks up a ClusterIssuer's Secrets. */
  namespace: pulumi.Input<string>;
}

/**
 * An account's token when `accountId` is given, else a user's, else the one brought along as `dnsToken`: Zone Read and DNS Write on the
 * edge's zones and nothing else. https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/#api-tokens
 *
 * Errors: `cloudflare.dnsToken must …` for a malformed token; Cloudflare's own when the deploying token may not create tokens.
 */
export class CloudflareToken extends pulumi.ComponentResource {
  /** Where a solver finds the token. */
  readonly secretRef: pulumi.Output<{ name: string; key: string }>;

  constructor(name: string, args: CloudflareTokenArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:CloudflareToken", name, {}, opts);
    const value = args.dnsToken ? pulumi.secret(args.dnsToken).apply(wellFormed) : mint(name, args, this);
    const key = "api-token";
    const secret = new kubernetes.core.v1.Secret(
      name,
      {
        metadata: {
          name: "cloudflare-api-token",
          namespace: args.namespace,
          // cert-manager caches only Secrets that bear this label, and asks the API server for the others each time.
          labels: { "controller.cert-manager.io/fao": "true" },
        },
        stringData: { [key]: pulumi.secret(value) },
      },
      { parent: this },
    );
    this.secretRef = secret.metadata.name.apply((secretName) => ({ name: secretName, key }));
    this.registerOutputs({ secretRef: this.secretRef });
  }
}

const mint = (name: string, args: CloudflareTokenArgs, parent: pulumi.Resource): pulumi.Output<string> => {
  const { accountId, mintingToken, zoneIds, label, rotation } = args;
  const provider = mintingToken && new cloudflare.Provider(`${name}-minting`, { apiToken: mintingToken }, { parent });
  const child = { parent, provider };

  const groups = accountId
    ? cloudflare.getAccountApiTokenPermissionGroupsListOutput({ accountId }, child).results
    : cloudflare.getApiTokenPermissionGroupsListOutput({}, child).results;
  // A new name for each rotation, so that the old token serves until the new one stands in the Secret.
  const suffix = new random.RandomId(name, { byteLength: 4, keepers: { rotation: rotation ?? "", label } }, { parent });
  const token = {
    name: pulumi.interpolate`https-edge ${label} ${suffix.hex}`,
    policies: [
      {
        effect: "allow",
        // Sorted, and the resources as compact text: Cloudflare answers in this form, and anything else is a difference in each preview.
        permissionGroups: groups.apply((all) =>
          rights
            .map((right) => only(all, right))
            .sort()
            .map((id) => ({ id })),
        ),
        resources: pulumi
          .all(zoneIds)
          .apply((ids) => JSON.stringify(Object.fromEntries([...ids].sort().map((id) => [`${zoneScope}.${id}`, "*"])))),
      },
    ],
  };
  // Cloudflare cannot change a token's permission groups in place, and a name changes only to rotate.
  const options = { ...child, replaceOnChanges: ["name", "policies"], additionalSecretOutputs: ["value"] };
  const minted = accountId
    ? new cloudflare.AccountToken(name, { accountId, ...token }, options)
    : new cloudflare.ApiToken(name, token, options);
  return pulumi.secret(minted.value).apply((value) => {
    if (!value)
      throw fault(
        "cloudflare must return the new token's value, got none (change cloudflare.rotation to create another)",
      );
    return value;
  });
};

const only = (groups: { id: string; name: string; scopes: string[] }[], right: string): string => {
  const found = groups.filter((group) => group.name === right && group.scopes.includes(zoneScope));
  if (found.length !== 1 || !found[0])
    throw fault(
      `cloudflare must list exactly one permission group "${right}" for zones, got ${found.length} (the deploying token must be allowed to create tokens; or bring one as dnsToken)`,
    );
  return found[0].id;
};

const wellFormed = (token: string): string => {
  const trimmed = token.trim();
  if (!/^[A-Za-z0-9_-]{40,}$/.test(trimmed))
    throw fault(
      "cloudflare.dnsToken must be an API token of at least 40 letters, digits, - and _, got something else (an API key does not do; create a token at https://dash.cloudflare.com/profile/api-tokens)",
    );
  return trimmed;
};
