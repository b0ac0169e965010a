import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { tokens } from "../../../lab";
import { asToken, mintedTokens, state } from "../support/cloudflare";
import { names } from "../support/cluster";
import { diagnosticsOf, Stack } from "../support/stack";

const deploying = "cloudflare:apiToken (or CLOUDFLARE_API_TOKEN)";
const malformed = "x".repeat(50);
const unknown = "x".repeat(40);
const notAccepted = (setting: string, answer: string) =>
  `${setting} must be an API token that Cloudflare accepts, got "${answer}" (copy it anew, or create another at https://dash.cloudflare.com/profile/api-tokens)`;
const noTokens = (setting: string, wayOut: string, owner = "account") =>
  `${setting} must be able to create tokens of the ${owner}, got "403 Forbidden: Unauthorized to access requested resource (9109)" (${wayOut})`;
const give = "give the token Account API Tokens Write, ";
const noRecords = (setting: string) =>
  `${setting} must be able to read and write the DNS records of the zone example.com, got "403 Forbidden: Authentication error (10000)" (give the token DNS Write on this zone, and check zoneId if it is set)`;
const wrongHeader = "400 Bad Request: Invalid request headers (6003): Invalid format for Authorization header (6111)";
const wrongForm =
  "must be an API token of at least 40 letters, digits, - and _, got something else (an API key does not do; create a token at https://dash.cloudflare.com/profile/api-tokens)";

/** Lines of Pulumi's diagnostics that tell a problem. */
const problemsIn = (output: string): string[] =>
  diagnosticsOf(output)
    .split("\n")
    .map((line) => line.trim().replace(/^error: /, ""))
    .filter((line) => / must /.test(line));

describe("A credential at Cloudflare that will not do", () => {
  let stack: Stack;
  let withoutDns: Made;
  let userMinting: Made;
  before(async () => {
    stack = await Stack.create("staging", "credentials");
    await stack.leaveEarlierCrds();
    withoutDns = await tokenWithout("DNS Write");
    userMinting = await tokenWithout("Account API Tokens Write");
  });
  after(async () => {
    for (const { id } of [withoutDns, userMinting]) await asToken(tokens.deploy, "DELETE", `user/tokens/${id}`);
    await stack.destroy();
  });

  const previewAndUp = [["preview"], ["up", "--yes", "--skip-preview"]];

  /** Runs end with these lines, nothing else that looks like an accident, and nothing made. */
  const refused = async (who: Stack, lines: string[], runs = [["preview"]]): Promise<void> => {
    for (const args of runs) {
      const { code, output } = await who.run(...args);
      assert.notEqual(code, 0, output);
      assert.deepEqual(problemsIn(output), lines, output);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for.
      assert.doesNotMatch(output, /unhandled exception|failed to deliver|^\s+at |\u001b\[/m);
    }
    assert.ok(!(await names("namespaces")).includes("cert-manager"));
    assert.deepEqual(await mintedTokens(), []);
    assert.deepEqual((await state()).records, []);
  };

  const own: [string, () => string, string[], string[][]?][] = [
    ["no token by its form", () => "short", [`CLOUDFLARE_API_TOKEN ${wrongForm}`]],
    ["no token by its checksum", () => malformed, [notAccepted(deploying, wrongHeader)]],
    ["unknown", () => unknown, [notAccepted(deploying, "403 Forbidden: Invalid access token (9109)")]],
    [
      "for another zone",
      () => tokens.otherZone,
      [
        `${deploying} must be able to read the zone example.com, got "failed to find exactly one result: 0 found" (give the token Zone Read on this zone; if it is another zone, set zone or zoneId)`,
      ],
    ],
    ["without rights on DNS records", () => withoutDns.value, [noRecords(deploying)], previewAndUp],
    [
      "for DNS alone",
      () => tokens.dnsOnly,
      [noTokens(deploying, `${give}give mintingToken one that has it, or set dnsToken`)],
    ],
    [
      "for tokens of the user alone",
      () => userMinting.value,
      [
        noTokens(
          deploying,
          `it may create those of the user with API Tokens Write: set cloudflare.owner to user, or ${give}give mintingToken one that has it, or set dnsToken`,
        ),
      ],
    ],
  ];
  for (const [what, value, lines, runs] of own) {
    it(`is named when the deploying one is ${what}`, () =>
      refused(stack.with({ CLOUDFLARE_API_TOKEN: value() }), lines, runs));
  }

  const set: [string, string, string, string[]][] = [
    ["mintingToken", "no token by its checksum", malformed, [notAccepted("mintingToken", wrongHeader)]],
    ["mintingToken", "one for DNS", tokens.dnsOnly, [noTokens("mintingToken", `${give}or set dnsToken`)]],
    ["dnsToken", "no token by its checksum", malformed, [notAccepted("dnsToken", wrongHeader)]],
    [
      "dnsToken",
      "one for another zone",
      tokens.otherZone,
      [
        'dnsToken must be able to read the zone example.com, got "403 Forbidden: Unauthorized to access requested resource (9109)" (give the token Zone Read on this zone)',
        noRecords("dnsToken"),
      ],
    ],
  ];
  for (const [setting, what, value, lines] of set) {
    it(`is named when ${setting} is ${what}`, async () => {
      await stack.succeed("config", "set", "--secret", `https-edge:${setting}`, value);
      await refused(stack, lines);
      await stack.succeed("config", "rm", `https-edge:${setting}`);
    });
  }

  it("is named when it is for the user's tokens and lacks them", async () => {
    stack.set("https-edge:cloudflare.owner", "user");
    await refused(stack.with({ CLOUDFLARE_API_TOKEN: tokens.dnsOnly }), [
      noTokens(
        deploying,
        "give the token API Tokens Write, give mintingToken one that has it, or set dnsToken",
        "user",
      ),
    ]);
    await stack.succeed("config", "rm", "--path", "https-edge:cloudflare.owner");
  });

  it("is not found when dnsToken may only read: no read proves the right to write", async () => {
    await stack.succeed("config", "set", "--secret", "https-edge:dnsToken", tokens.readOnly);
    await stack.succeed("preview");
    await stack.succeed("config", "rm", "https-edge:dnsToken");
  });
});

interface Made {
  id: string;
  value: string;
}

/** A token with the rights of the deploying one but for one. */
const tokenWithout = async (right: string): Promise<Made> => {
  const deploy = (await state()).tokens.find(({ name }) => name === "deploy");
  const policies = deploy?.policies.flatMap(({ effect, resources, permission_groups }) => {
    const groups = permission_groups.filter(({ name }) => name !== right).map(({ id }) => ({ id }));
    return groups.length > 0 ? [{ effect, resources, permission_groups: groups }] : [];
  });
  const { result } = await asToken(tokens.deploy, "POST", "user/tokens", { name: `without ${right}`, policies });
  return result as Made;
};
