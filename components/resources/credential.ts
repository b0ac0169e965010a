/**
 * What a credential at Cloudflare can do, found by reads that change nothing. Reading cannot prove that it may write: Cloudflare has no call
 * that tells so.
 */
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { cloudflareAnswer } from "../rules/cloudflareAnswer";
import { askCloudflare } from "../standing/cloudflareApi";
import { awaited, type Look } from "../standing/wait";
import { edgeError } from "./error";

/** A credential, and how the provider's functions are called with it. */
export interface Credential {
  /** The settings that it comes from, as errors name it. */
  setting: string;
  opts: pulumi.InvokeOptions;
}

/** The credential of the Cloudflare provider that the edge is given. */
export const deploying = (opts: pulumi.InvokeOptions): Credential => ({
  setting: "cloudflare:apiToken (or CLOUDFLARE_API_TOKEN)",
  opts,
});

// In a preview that does not know the credential, the engine answers each function with nothing, and all reads resolve to undefined.

/** A zone as it was found. */
export interface FoundZone {
  id: string | undefined;
  /** The account that it lies in. */
  accountId: string | undefined;
}

/** A zone by its name, which asks for Zone Read. */
export const findZone = (credential: Credential, zone: string, accountId?: string): Promise<FoundZone> => {
  const filter = { name: zone, ...(accountId && { account: { id: accountId } }) };
  const wayOut = accountId
    ? `give the token Zone Read on this zone, in the account ${accountId}; if it is another zone or account, set zone, zoneId or accountId`
    : "give the token Zone Read on this zone; if it is another zone, set zone or zoneId";
  return tried(credential, `be able to read the zone ${zone}`, wayOut, async () => {
    const { zoneId, id, account }: { zoneId?: string; id?: string; account?: { id: string } } =
      await cloudflare.getZone({ filter }, credential.opts);
    return { id: zoneId ?? id, accountId: account?.id };
  });
};

/** Reads a zone by its id, which asks for Zone Read. */
export const readZone = (credential: Credential, zone: string, id: string): Promise<unknown> =>
  tried(credential, `be able to read the zone ${zone}`, "give the token Zone Read on this zone", () =>
    cloudflare.getZone({ zoneId: id }, credential.opts),
  );

/** Reads a zone's DNS records, which asks for DNS Read at least: those of the name of challenges, of which there are seldom any. */
export const readRecords = (credential: Credential, zone: string, id: string): Promise<unknown> =>
  tried(
    credential,
    `be able to read and write the DNS records of the zone ${zone}`,
    "give the token DNS Write on this zone, and check zoneId if it is set",
    () =>
      cloudflare.getDnsRecords(
        { zoneId: id, type: "TXT", name: { exact: `_acme-challenge.${zone}` }, maxItems: 1 },
        credential.opts,
      ),
  );

/** Scope of the permission groups for zones, and with an id after a dot the name of one zone as a resource. */
export const zoneScope = "com.cloudflare.api.account.zone";

/** Whose a token is: the user's, or the account's with this id. */
export type Owner = "user" | { accountId: string };

/**
 * Ids of permission groups for zones by their names, which a token is created with. Reading them asks for the right to read tokens at least:
 * those of the account, or of the user. When that is refused, it is tried for the other owner, so that the way out can be told.
 */
export const permissionGroupIds = async (
  credential: Credential,
  owner: Owner,
  names: string[],
  accountId: string | undefined,
): Promise<string[] | undefined> => {
  const elsewhere = credential.setting === "mintingToken" ? "" : "give mintingToken one that has it, ";
  const wayOut = async (): Promise<string> => {
    const usual = `give the token ${rightFor(owner)}, ${elsewhere}or set dnsToken`;
    const other = owner === "user" ? accountId && { accountId } : "user";
    const mayDoOther = other && (await groupsOf(credential, other).then(...mayOrNot));
    return mayDoOther
      ? `it may create those of the ${whose(other)} with ${rightFor(other)}: set cloudflare.owner to ${whose(other)}, or ${usual}`
      : usual;
  };
  return tried(credential, `be able to create tokens of the ${whose(owner)}`, wayOut, async () => {
    const results = await groupsOf(credential, owner);
    return results && names.map((name) => groupId(credential, results, name));
  });
};

const mayOrNot = [() => true, () => false] as const;

const whose = (owner: Owner): string => (owner === "user" ? "user" : "account");

const rightFor = (owner: Owner): string => (owner === "user" ? "API Tokens Write" : "Account API Tokens Write");

const groupsOf = async ({ opts }: Credential, owner: Owner): Promise<PermissionGroup[] | undefined> => {
  const { results }: { results?: PermissionGroup[] } =
    owner === "user"
      ? await cloudflare.getApiTokenPermissionGroupsList({}, opts)
      : await cloudflare.getAccountApiTokenPermissionGroupsList(owner, opts);
  return results;
};

interface PermissionGroup {
  id: string;
  name: string;
  scopes: string[];
}

const groupId = ({ setting }: Credential, groups: PermissionGroup[], name: string): string => {
  const [found, ...others] = groups.filter((group) => group.name === name && group.scopes.includes(zoneScope));
  if (!found || others.length > 0)
    throw edgeError(
      `${setting} must be offered one permission group "${name}" for zones, got ${found ? others.length + 1 : 0} (give the token the right to create tokens, or set dnsToken)`,
    );
  return found.id;
};

/** Days before its end from which on each run warns of a token's end. */
const warningDays = 30;

/**
 * Reads a token that `credential` created. Warns when it expires soon, by a setting or by a rule of the account. Errors: one line unless it is
 * active.
 */
export const checkActive = async (
  credential: Credential,
  owner: Owner,
  tokenId: string,
  name: string,
  resource: pulumi.Resource,
): Promise<void> => {
  const refuse = (got: string, wayOut: string) =>
    edgeError(`the Cloudflare token "${name}" must be active, got "${got}" (${wayOut})`);
  const { status, expiresOn }: { status?: string; expiresOn?: string } = await (owner === "user"
    ? cloudflare.getApiToken({ tokenId }, credential.opts)
    : cloudflare.getAccountToken({ ...owner, tokenId }, credential.opts)
  ).catch((error: unknown) => {
    const { line, status } = cloudflareAnswer(messageOf(error));
    // Its deletion would fail after a rotation; a refresh finds out that there is nothing to delete.
    if (status === 404) throw refuse(line, "run pulumi up --refresh, which creates another");
    throw refuse(line, `check that ${credential.setting} may read tokens, and run again`);
  });
  if (status && status !== "active")
    throw refuse(status, "set cloudflare.rotation to any other value, which replaces it");
  const days = (Date.parse(expiresOn ?? "") - Date.now()) / 86_400_000;
  if (days < warningDays)
    pulumi.log.warn(
      `The Cloudflare token "${name}" expires on ${expiresOn}, in ${Math.max(Math.floor(days), 0)} days, and no certificate is renewed after that (set cloudflare.expires to a later date, or cloudflare.rotation to any other value: either replaces it)`,
      resource,
    );
};

/**
 * Waits until a new token reads the records of its zones, so that cert-manager is given none that does not work, or not yet. Where Cloudflare
 * cannot be asked from here at all, that is a warning.
 *
 * Errors: one line with what Cloudflare has answered, when the time is up.
 */
export const takesEffect = async (
  token: string,
  name: string,
  zones: string[],
  seconds: number,
  resource: pulumi.Resource,
): Promise<void> => {
  const look = async (): Promise<Look<string | undefined>> => {
    for (const zone of zones) {
      const said = await askCloudflare(token, `/zones/${zone}/dns_records?per_page=1`);
      if ("silent" in said) return { done: said.silent };
      if ("refused" in said) return { waiting: `"${said.refused}" for the zone ${zone}` };
    }
    return { done: undefined };
  };
  const told = (waiting: string) =>
    void pulumi.log.info(`not known everywhere yet: ${waiting}`, resource, undefined, true);
  const end = await awaited(look, { seconds, told });
  if ("failed" in end)
    throw edgeError(
      `the new Cloudflare token "${name}" must be able to read the DNS records of its zones, got ${end.failed}${end.after} (the Secret keeps the token before; run pulumi up again, which goes on)`,
    );
  if (end.done)
    pulumi.log.warn(
      `The new Cloudflare token "${name}" could not be tried from here before it is used: ${end.done}`,
      resource,
    );
};

/** Does a read. Errors: one line with the credential, what it must be able to do, what Cloudflare said, and the way out. */
const tried = async <T>(
  { setting }: Credential,
  rule: string,
  wayOut: string | (() => Promise<string>),
  read: () => Promise<T>,
): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    // The credential itself is wrong, and the error says so already.
    if (error instanceof pulumi.RunError) throw error;
    const { line, credentialRefused } = cloudflareAnswer(messageOf(error));
    if (/cannot use the access token from location/i.test(line))
      throw edgeError(
        `${setting} must be taken from the address of this machine, got "${line}" (it is tried from here before it is used: add the address to the token's client addresses at Cloudflare)`,
      );
    throw edgeError(
      credentialRefused
        ? `${setting} must be an API token that Cloudflare accepts, got "${line}" (copy it anew, or create another at https://dash.cloudflare.com/profile/api-tokens)`
        : `${setting} must ${rule}, got "${line}" (${typeof wayOut === "string" ? wayOut : await wayOut()})`,
    );
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
