/** The Cloudflare API token with which cert-manager proves control of the zones, and the Secret that carries it. */
import * as cloudflare from "@pulumi/cloudflare";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import { edgeError } from "./resources/error";
import type { Preflight } from "./resources/preflight";
import { checkCloudflareId } from "./rules/checks";
import { labels, tokenName, tokenPermissions, tokenSecret } from "./rules/names";
import { text } from "./rules/problems";

/** Who acts at Cloudflare. */
export interface CloudflareArgs {
  /**
   * Account that owns the zones. With it the token belongs to the account, without it to the user of the deploying token.
   * @default - a user's token
   */
  accountId?: string;
  /**
   * Any other value than before replaces the token, such as the date: `2026-11`.
   * @default - never replaced
   */
  rotation?: string;
  /**
   * A credential that may create tokens, for when the provider's own may only edit DNS.
   * @default - the Cloudflare provider's
   */
  mintingToken?: pulumi.Output<string>;
  /**
   * A token with Zone Read and DNS Write on the zones, used as it is instead of creating one.
   * @default - a token is created
   */
  dnsToken?: pulumi.Output<string>;
}

/** The setting `cloudflare`. Its two secrets are keys of their own, checked when they are known. */
export const cloudflareSetting = z.strictObject({
  accountId: text(checkCloudflareId).optional(),
  rotation: z.string().optional(),
} satisfies { [K in keyof Required<Omit<CloudflareArgs, "mintingToken" | "dnsToken">>]: z.ZodType });

const zoneScope = "com.cloudflare.api.account.zone";

/** What the token is for. */
export interface CloudflareTokenArgs extends CloudflareArgs {
  /** Distinguishes tokens in Cloudflare's list. A change replaces the token. */
  label: string;
  /** Zones that the token may read and edit. */
  zones: { id: pulumi.Output<string> }[];
  /** Reads that must succeed before the token is made. */
  preflight: Preflight;
  /** Namespace of the Secret: the one in which cert-manager looks up a ClusterIssuer's Secrets. */
  namespace: pulumi.Input<string>;
}

/**
 * An account's token when `accountId` is given, else a user's, with Zone Read and DNS Write on the edge's zones and nothing else; or the
 * given `dnsToken`. https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/#api-tokens
 *
 * Errors: `cloudflare.dnsToken must …` for a malformed token; Cloudflare's own when the deploying token may not create tokens.
 */
export class CloudflareToken extends pulumi.ComponentResource {
  /** Where a solver finds the token. */
  readonly secretRef: pulumi.Output<{ name: string; key: string }>;

  constructor(name: string, args: CloudflareTokenArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:CloudflareToken", name, {}, opts);
    const value = args.dnsToken ? pulumi.secret(args.dnsToken).apply(wellFormed) : createToken(name, args, this);
    const secret = new kubernetes.core.v1.Secret(
      name,
      {
        metadata: {
          name: tokenSecret.name,
          namespace: args.namespace,
          // cert-manager caches only Secrets with this label, and asks the API server for the others each time.
          labels: { ...labels, "controller.cert-manager.io/fao": "true" },
        },
        stringData: { [tokenSecret.key]: pulumi.secret(value) },
      },
      { parent: this },
    );
    this.secretRef = secret.metadata.name.apply((secretName) => ({ name: secretName, key: tokenSecret.key }));
    this.registerOutputs({ secretRef: this.secretRef });
  }
}

const createToken = (name: string, args: CloudflareTokenArgs, parent: pulumi.Resource): pulumi.Output<string> => {
  const { accountId, mintingToken, zones, label, rotation, preflight } = args;
  const provider = mintingToken && new cloudflare.Provider(`${name}-minting`, { apiToken: mintingToken }, { parent });
  const child = { parent, provider };

  const groups = pulumi.output(preflight.add(permissionGroups(accountId, child)));
  // A new name for each rotation, so that the old token serves until the new one stands in the Secret.
  const suffix = new random.RandomId(
    name,
    { byteLength: 4, keepers: { rotation: rotation ?? "", label } },
    { parent, dependsOn: preflight.before() },
  );
  const token = {
    name: suffix.hex.apply((hex) => tokenName(label, hex)),
    policies: [
      {
        effect: "allow",
        // Sorted, and the resources as compact text: Cloudflare answers in this form, and any other form is a change in each preview.
        permissionGroups: groups.apply((all) =>
          tokenPermissions
            .map((permission) => groupId(all, permission))
            .sort()
            .map((id) => ({ id })),
        ),
        resources: pulumi
          .all(zones.map(({ id }) => id))
          .apply((ids) => JSON.stringify(Object.fromEntries([...ids].sort().map((id) => [`${zoneScope}.${id}`, "*"])))),
      },
    ],
  };
  // Cloudflare cannot change a token's permission groups in place, and a name changes only to rotate.
  const options = { ...child, replaceOnChanges: ["name", "policies"], additionalSecretOutputs: ["value"] };
  const created = accountId
    ? new cloudflare.AccountToken(name, { accountId, ...token }, options)
    : new cloudflare.ApiToken(name, token, options);
  return pulumi.secret(created.value).apply((value) => {
    if (!value)
      throw edgeError(
        "cloudflare must return the new token's value, got none (change cloudflare.rotation to create another)",
      );
    return value;
  });
};

type PermissionGroups = { id: string; name: string; scopes: string[] }[];

const permissionGroups = async (
  accountId: string | undefined,
  opts: pulumi.InvokeOptions,
): Promise<PermissionGroups> => {
  try {
    const { results } = accountId
      ? await cloudflare.getAccountApiTokenPermissionGroupsList({ accountId }, opts)
      : await cloudflare.getApiTokenPermissionGroupsList({}, opts);
    return results;
  } catch (error) {
    throw edgeError(
      `cloudflare must let the deploying token create tokens, got an error for their permission groups (give it API Tokens Edit, or mintingToken such a token, or set dnsToken)\n${error instanceof Error ? error.message : error}`,
    );
  }
};

const groupId = (groups: PermissionGroups, permission: string): string => {
  const found = groups.filter((group) => group.name === permission && group.scopes.includes(zoneScope));
  if (found.length !== 1 || !found[0])
    throw edgeError(
      `cloudflare must list exactly one permission group "${permission}" for zones, got ${found.length} (the deploying token must be allowed to create tokens; or set dnsToken)`,
    );
  return found[0].id;
};

const wellFormed = (token: string): string => {
  const trimmed = token.trim();
  if (!/^[A-Za-z0-9_-]{40,}$/.test(trimmed))
    throw edgeError(
      "cloudflare.dnsToken must be an API token of at least 40 letters, digits, - and _, got something else (an API key does not do; create a token at https://dash.cloudflare.com/profile/api-tokens)",
    );
  return trimmed;
};
