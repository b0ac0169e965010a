/** The Cloudflare API token with which cert-manager proves control of the zones, and the Secret that carries it. */
import * as cloudflare from "@pulumi/cloudflare";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import {
  type Credential,
  checkActive,
  deploying,
  permissionGroupIds,
  readRecords,
  readZone,
  takesEffect,
  zoneScope,
} from "./resources/credential";
import { edgeError } from "./resources/error";
import type { Preflight } from "./resources/preflight";
import { whenKnown } from "./resources/unknown";
import type { Way } from "./resources/wait";
import { checkApiToken, checkCloudflareId } from "./rules/checks";
import { checkExpiry, checkRange, momentOf, periodOf } from "./rules/credentials";
import { labels, type Names, provenAnnotation, tokenName, tokenPermissions } from "./rules/names";
import { text } from "./rules/problems";
import type { Metadata } from "./standing/connection";
import type { DomainArgs, Zone } from "./zones";

/** Whose a created token is. */
export enum TokenOwner {
  /** It outlives the user whose credential made it. */
  Account = "account",
  /** Cloudflare deletes it with the user. */
  User = "user",
}

/** Addresses from which a token is taken. */
export interface RequestIpArgs {
  /**
   * Ranges from which alone the token is taken: those by which the cluster reaches the internet.
   * @default - any address
   */
  in?: string[];
  /**
   * Ranges from which it is not taken.
   * @default - none
   */
  notIn?: string[];
}

/** Who acts at Cloudflare, and whether its proxy stands in front. */
export interface CloudflareArgs {
  /**
   * Account that owns the zones.
   * @default - the one in which the zones are found
   */
  accountId?: string;
  /**
   * Whose the created token is: `account`, which needs the right Account API Tokens Write, or `user`, which needs API Tokens Write and ends with
   * the user. A change makes the new token before it deletes the old one.
   * @default - `account`, and `user` where each domain has `zoneId` and none tells the account
   */
  owner?: TokenOwner | `${TokenOwner}`;
  /**
   * Any other value than before replaces the token, such as the date: `2026-11`.
   * @default - never replaced
   */
  rotation?: string;
  /**
   * Age in days that the created token does not reach: the first `up` of each period of so many days replaces it. Periods are counted from
   * 1970, so the first one may be shorter.
   * @default - any age
   */
  maxAgeDays?: number;
  /**
   * When the created token expires, such as `2027-11-01`, at the beginning of that day in UTC. A change replaces the token; each run warns from
   * 30 days before.
   * @default - never
   */
  expires?: string;
  /**
   * Addresses from which the created token is taken. A change replaces the token.
   * @default - any
   */
  requestIp?: RequestIpArgs;
  /**
   * Whether requests go through Cloudflare's proxy, which is then the only one that is believed. It ends TLS with its own certificate; the
   * zone's encryption mode must be Full (strict). See docs/cloudflare.md.
   * @default false: records are DNS only
   */
  proxied?: boolean;
  /**
   * Says that a certificate at Cloudflare covers the hosts of the domains that are no zones themselves: an advanced certificate, or Total
   * TLS. Universal SSL covers one label below a zone.
   * @default false
   */
  edgeCertificates?: boolean;
  /**
   * A credential that may create tokens, for when the provider's own may only edit DNS: Account API Tokens Write, or for the `owner` `user` API
   * Tokens Write.
   * @default - the Cloudflare provider's
   */
  mintingToken?: pulumi.Output<string>;
  /**
   * A token with Zone Read and DNS Write on the zones, used as it is instead of creating one. It is tried by reading, which proves no
   * right to write.
   * @default - a token is created
   */
  dnsToken?: pulumi.Output<string>;
}

/** The setting `cloudflare`. Its two secrets are keys of their own, checked when they are known. */
export const cloudflareSetting = z.strictObject({
  accountId: text(checkCloudflareId).optional(),
  owner: z.enum(TokenOwner).optional(),
  rotation: z.string().optional(),
  maxAgeDays: z.int().min(1).max(3650).optional(),
  expires: text((date) => checkExpiry(date, Date.now())).optional(),
  requestIp: z
    .strictObject({
      in: z.array(text(checkRange)).min(1).optional(),
      notIn: z.array(text(checkRange)).min(1).optional(),
    } satisfies { [K in keyof Required<RequestIpArgs>]: z.ZodType })
    .optional(),
  proxied: z.boolean().optional(),
  edgeCertificates: z.boolean().optional(),
} satisfies { [K in keyof Required<Omit<CloudflareArgs, "mintingToken" | "dnsToken">>]: z.ZodType });

/** Zones that one token is for. */
export interface TokenScope {
  zones: Zone[];
  /** The account that domains name for these zones; undefined for all others. */
  accountId: string | undefined;
  /** Whose the token is. */
  owner: `${TokenOwner}`;
}

/** Whether an account's token can be made: its account is given, or a zone of it is looked up. */
const isAccountKnown = (
  accountId: string | undefined,
  zones: { accountId?: string | undefined; lookedUp: boolean }[],
): boolean => accountId !== undefined || zones.some((zone) => zone.accountId !== undefined || zone.lookedUp);

/** What is wrong with the wish for an account's token, when nothing tells the account. */
export const checkOwner = ({ owner, accountId }: CloudflareArgs, domains: DomainArgs[]): string | undefined => {
  const zones = domains.map((domain) => ({ accountId: domain.accountId, lookedUp: domain.zoneId === undefined }));
  return owner === "account" && !isAccountKnown(accountId, zones)
    ? 'must be user where nothing tells the account, got "account" (set cloudflare.accountId: zones that are given by zoneId are not looked up)'
    : undefined;
};

/**
 * The tokens that zones need: one for the zones of each account that domains name, and one for all others. A token of the user, or one that is
 * given, is for all zones.
 */
export const tokenScopes = (
  { owner, accountId, dnsToken }: Pick<CloudflareArgs, "owner" | "accountId" | "dnsToken">,
  zones: Zone[],
): TokenScope[] => {
  if (dnsToken || owner === "user") return [{ zones, accountId: undefined, owner: "user" }];
  const named = (zone: Zone) => (zone.accountId === accountId ? undefined : zone.accountId);
  return [...new Set(zones.map(named))].map((account) => {
    const each = zones.filter((zone) => named(zone) === account);
    return { zones: each, accountId: account, owner: owner ?? (isAccountKnown(accountId, each) ? "account" : "user") };
  });
};

/** What the token is for. */
export interface CloudflareTokenArgs extends CloudflareArgs {
  names: Names;
  /** Distinguishes tokens in Cloudflare's list. A change replaces the token. */
  label: string;
  /** Zones that the token may read and edit, and whose it is. */
  scope: TokenScope;
  /** Reads that must succeed before the token is made. */
  preflight: Preflight;
  /** The way to the cluster. */
  way: Way;
  /**
   * Seconds in which a new token must be known everywhere at Cloudflare.
   * @default 60
   */
  seconds?: number;
  /** Namespace of the Secret: the one in which cert-manager looks up a ClusterIssuer's Secrets. */
  namespace: pulumi.Input<string>;
}

/**
 * A token of the zones' account, or of the user, with Zone Read and DNS Write on the zones and nothing else; or the given `dnsToken`.
 * https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/#api-tokens
 *
 * The given token is tried on each zone before anything is made; a created one before it stands in the Secret, and is looked at in each later
 * run.
 *
 * Errors: a line that begins with `dnsToken`, `mintingToken` or `cloudflare:apiToken` for a credential that is malformed, unknown to
 * Cloudflare or lacks a right; one for zones that lie in several accounts; and one for a created token that was deleted, disabled or has
 * expired, with the way out.
 */
export class CloudflareToken extends pulumi.ComponentResource {
  /** Where a solver finds the token. */
  readonly secretRef: pulumi.Output<{ name: string; key: string }>;
  /** The zones that it is for. */
  readonly zones: Zone[];
  /** The token that was created, once it stands in the Secret, and how the Secret was before; undefined for a given one. */
  readonly created: CreatedToken | undefined;

  constructor(name: string, args: CloudflareTokenArgs, opts: pulumi.ComponentResourceOptions) {
    super("https-edge:index:CloudflareToken", name, {}, opts);
    this.zones = args.scope.zones;
    const { name: secretName, key } = args.names.tokenSecret(args.scope.accountId);
    // Before it is written: of a refused or unreachable cluster the look at it tells.
    const before = args.way.then(
      (cluster) => cluster?.metadata(secretPath(args.names, secretName)),
      () => undefined,
    );
    const made = args.dnsToken ? undefined : createToken(name, { ...args, before }, this);
    const value = made?.value ?? givenToken(name, args.dnsToken ?? pulumi.output(""), args, this);
    const secret = new kubernetes.core.v1.Secret(
      name,
      {
        metadata: {
          name: secretName,
          namespace: args.namespace,
          // cert-manager caches only Secrets with this label, and asks the API server for the others each time.
          labels: { ...labels, "controller.cert-manager.io/fao": "true" },
        },
        stringData: { [key]: pulumi.secret(value) },
      },
      { parent: this },
    );
    this.secretRef = secret.metadata.name.apply((found) => ({ name: found, key }));
    this.created = made && {
      id: pulumi.all([made.id, secret.id]).apply(([id]) => id),
      name: made.name,
      secret: secretName,
      before,
    };
    this.registerOutputs({ secretRef: this.secretRef });
  }
}

/** A token that was created. */
export interface CreatedToken {
  /** Known once it stands in the Secret. */
  id: pulumi.Output<string>;
  name: pulumi.Output<string>;
  /** Name of the Secret. */
  secret: string;
  /** The Secret as it was before this run; undefined when there was none. */
  before: Promise<Metadata | undefined>;
}

/** Where the Secret of a token stands, for the API server. */
export const secretPath = ({ clusterResourceNamespace }: Names, secret: string): string =>
  `/api/v1/namespaces/${clusterResourceNamespace}/secrets/${secret}`;

/** The given token, which must do what cert-manager does with it: find the zones and their records. */
const givenToken = (name: string, token: pulumi.Output<string>, args: CloudflareTokenArgs, parent: pulumi.Resource) => {
  const apiToken = wellFormed("dnsToken", token);
  const provider = new cloudflare.Provider(`${name}-dns`, { apiToken }, { parent });
  const credential = { setting: "dnsToken", opts: { parent, provider } };
  for (const { name: zone, found } of args.scope.zones)
    for (const read of [readZone, readRecords])
      args.preflight.add(found.then((id) => id && read(credential, zone, id)));
  return apiToken;
};

const createToken = (
  name: string,
  args: CloudflareTokenArgs & Pick<CreatedToken, "before">,
  parent: pulumi.Resource,
): { id: pulumi.Output<string>; name: pulumi.Output<string>; value: pulumi.Output<string> } => {
  const { mintingToken, label, rotation, maxAgeDays, preflight, requestIp } = args;
  const { zones, owner } = args.scope;
  const provider =
    mintingToken &&
    new cloudflare.Provider(`${name}-minting`, { apiToken: wellFormed("mintingToken", mintingToken) }, { parent });
  const child = { parent, provider };
  const credential = provider ? { setting: "mintingToken", opts: child } : deploying(child);

  const account = accountOf(args);
  const permissionGroups = whenKnown(preflight.add(granted(credential, owner, account)));
  const expiresOn = args.expires && momentOf(args.expires);
  // A new name for each rotation, so that the old token serves until the new one stands in the Secret.
  const suffix = new random.RandomId(
    name,
    {
      byteLength: 4,
      keepers: {
        rotation: rotation ?? "",
        label,
        ...(maxAgeDays && { period: `${periodOf(maxAgeDays, Date.now())} of ${maxAgeDays} days` }),
        ...(expiresOn && { expiresOn }),
        ...(requestIp && { requestIp: JSON.stringify(requestIp) }),
      },
    },
    { parent, dependsOn: preflight.before() },
  );
  const token = {
    name: suffix.hex.apply((hex) => tokenName(label, hex)),
    policies: [
      {
        effect: "allow",
        permissionGroups,
        // As compact text, sorted, for the same reason.
        resources: pulumi
          .all(zones.map(({ id }) => id))
          .apply((ids) => JSON.stringify(Object.fromEntries([...ids].sort().map((id) => [`${zoneScope}.${id}`, "*"])))),
      },
    ],
    ...(expiresOn && { expiresOn }),
    ...(requestIp && { condition: { requestIp: { ins: requestIp.in, notIns: requestIp.notIn } } }),
  };
  // Cloudflare cannot change a token's permission groups in place, and a name changes only to rotate.
  const options = { ...child, replaceOnChanges: ["name", "policies"], additionalSecretOutputs: ["value"] };
  const started = Date.now();
  const accountId = whenKnown(preflight.add(account));
  const created =
    owner === "account"
      ? new cloudflare.AccountToken(name, { accountId, ...token }, options)
      : new cloudflare.ApiToken(name, token, options);
  const active = pulumi
    .all([created.id, created.name, created.issuedOn, owner === "account" ? accountId : ""])
    // One of this run's own making is not looked at: it may not be everywhere yet.
    .apply(([id, own, issuedOn, known]) => {
      if (Date.parse(issuedOn) >= started) return undefined;
      return checkActive(credential, owner === "account" ? { accountId: known } : "user", id, own, created);
    });
  const ids = pulumi.all(zones.map((zone) => zone.id));
  const value = pulumi
    .secret(pulumi.all([created.value, created.id, created.name, ids, active]))
    .apply(async ([made, id, own, zoneIds]) => {
      if (!made)
        throw edgeError(
          "cloudflare must return the new token's value, got none (change cloudflare.rotation to create another)",
        );
      const secret = await args.before;
      // From elsewhere it is refused, and cert-manager may well be elsewhere.
      const isNew = secret?.annotations?.[provenAnnotation] !== id && !pulumi.runtime.isDryRun();
      if (isNew && !requestIp) await takesEffect(made, own, zoneIds, args.seconds ?? 60, created);
      return made;
    });
  return { id: created.id, name: created.name, value };
};

/** The account that all zones of a token lie in; undefined in a preview that cannot know it. */
const accountOf = async ({ accountId, scope }: CloudflareTokenArgs): Promise<string | undefined> => {
  const given = scope.accountId ?? accountId;
  if (given) return given;
  const found = await Promise.all(scope.zones.map(async ({ name, foundIn }) => ({ name, account: await foundIn })));
  const known = found.filter(({ account }) => account !== undefined);
  const [first] = known;
  const other = known.find(({ account }) => account !== first?.account);
  if (other && scope.owner === "account")
    throw edgeError(
      `domains must name the account of their zones where these lie in several, got ${first?.name} in ${first?.account} and ${other.name} in ${other.account} (set accountId for the domains of each account but one, which gives it a token of its own; or set cloudflare.owner to user)`,
    );
  return first?.account;
};

/** The permission groups that the token gets, sorted: Cloudflare answers them so, and any other order is a change in each preview. */
const granted = async (credential: Credential, owner: `${TokenOwner}`, account: Promise<string | undefined>) => {
  const accountId = await account;
  // A preview that knows no zone knows no account.
  if (owner === "account" && accountId === undefined) return undefined;
  const who = owner === "account" && accountId !== undefined ? { accountId } : "user";
  const ids = await permissionGroupIds(credential, who, tokenPermissions, accountId);
  return ids?.sort().map((id) => ({ id }));
};

const wellFormed = (setting: string, token: pulumi.Output<string>): pulumi.Output<string> =>
  pulumi.secret(token).apply((given) => {
    const trimmed = given.trim();
    const problem = checkApiToken(trimmed);
    if (problem) throw edgeError(`${setting} ${problem}`);
    return trimmed;
  });
