/** An account at Cloudflare, as far as the edge asks for it. */

/** Id of the account. */
export const accountId = "a".repeat(32);

/** Ids of the zones that the account has. */
export const zones: Record<string, string> = {
  "example.com": "1".repeat(32),
  "example.org": "2".repeat(32),
};

const zone = ["com.cloudflare.api.account.zone"];
/** More groups than are wanted, and one of the same name in another scope. */
const groups = [
  { id: "cc", name: "Zone Read", scopes: zone },
  { id: "aa", name: "DNS Write", scopes: zone },
  { id: "bb", name: "DNS Read", scopes: zone },
  { id: "dd", name: "DNS Write", scopes: ["com.cloudflare.api.account"] },
];

/** What the account answers to a function call. */
export const cloudflareAnswers = (token: string, inputs: Record<string, unknown>): object => {
  switch (token) {
    case functions.zone: {
      const { name = "" } = (inputs.filter ?? {}) as { name?: string };
      const id = inputs.zoneId ?? zones[name];
      if (!id) throw new Error("invocation of getZone returned an error: failed to find exactly one result: 0 found");
      return { id, zoneId: id, account: { id: accountId, name: "Company" } };
    }
    case functions.records:
      return { results: [] };
    case functions.accountGroups:
    case functions.userGroups:
      return { results: groups };
    case functions.accountToken:
    case functions.userToken:
      return { status: "active" };
    default:
      throw new Error(`${token} is unknown`);
  }
};

const named = (name: string) => `cloudflare:index/${name}:${name}` as const;

/** Function calls of the provider. */
export const functions = {
  zone: named("getZone"),
  records: named("getDnsRecords"),
  accountGroups: named("getAccountApiTokenPermissionGroupsList"),
  userGroups: named("getApiTokenPermissionGroupsList"),
  accountToken: named("getAccountToken"),
  userToken: named("getApiToken"),
};

/** A refusal by the API, in the words in which the engine passes on the provider's error. */
export const refusal = (status: string, code: number, message: string, chain?: object[]): Error => {
  const body = { result: null, success: false, errors: [{ code, message, error_chain: chain }], messages: [] };
  return new Error(
    `invocation of cloudflare:index/getX:getX returned an error: failed to make http request: GET "https://api.cloudflare.com/client/v4/x": ${status} ${JSON.stringify(body)}`,
  );
};

/** The refusals of a credential that Cloudflare does not know, of one without a right on a zone, and of one that may not make tokens. */
export const refusals = {
  malformed: refusal("400 Bad Request", 6003, "Invalid request headers", [
    { code: 6111, message: "Invalid format for Authorization header" },
  ]),
  unknown: refusal("403 Forbidden", 9109, "Invalid access token"),
  records: refusal("403 Forbidden", 10000, "Authentication error"),
  tokens: refusal("403 Forbidden", 9109, "Unauthorized to access requested resource"),
};
