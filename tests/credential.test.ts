import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { functions, refusal, refusals } from "./support/cloudflare";
import { mintedToken, types, type World } from "./support/deploy";
import { accountId, deploying, dnsToken, minting, name, run } from "./support/token";

describe("A credential at Cloudflare", () => {
  for (const given of ["", "short", "0123456789abcdef0123456789abcdef01234", `${"a".repeat(40)} b`]) {
    for (const setting of ["dnsToken", "mintingToken"]) {
      it(`rejects "${given}" given as ${setting}, without showing it`, () =>
        assert.rejects(run({ [setting]: pulumi.secret(given) }), {
          message: `${setting} must be an API token of at least 40 letters, digits, - and _, got something else (an API key does not do; create a token at https://dash.cloudflare.com/profile/api-tokens)`,
        }));
    }
  }

  it("rejects a dnsToken that can read neither a zone nor its records, all at once", () => {
    const lacks = (rule: string, message: string, wayOut: string) =>
      `dnsToken must be able to ${rule}, got "403 Forbidden: ${message}" (give the token ${wayOut})`;
    const of = (zone: string) => [
      lacks(`read the zone ${zone}`, "Unauthorized to access requested resource (9109)", "Zone Read on this zone"),
      lacks(
        `read and write the DNS records of the zone ${zone}`,
        "Authentication error (10000)",
        "DNS Write on this zone, and check zoneId if it is set",
      ),
    ];
    const answer: World["answer"] = (token) => {
      throw token === functions.zone ? refusals.tokens : refusals.records;
    };
    return assert.rejects(run({ dnsToken: pulumi.secret(dnsToken) }, { answer }), {
      message: [...of("example.org"), ...of("example.com")].join("\n"),
    });
  });

  for (const [setting, args] of [
    ["dnsToken", { dnsToken: pulumi.secret(dnsToken) }],
    ["mintingToken", { mintingToken: pulumi.secret(minting) }],
    [deploying, {}],
  ] as const) {
    it(`rejects a credential from ${setting} that Cloudflare does not know, in one line`, () =>
      assert.rejects(
        run(args, {
          answer: () => {
            throw refusals.unknown;
          },
        }),
        {
          message: `${setting} must be an API token that Cloudflare accepts, got "403 Forbidden: Invalid access token (9109)" (copy it anew, or create another at https://dash.cloudflare.com/profile/api-tokens)`,
        },
      ));
  }

  it("rejects a credential that is not taken from this machine's address, in one line", () =>
    assert.rejects(
      run(
        { dnsToken: pulumi.secret(dnsToken) },
        {
          answer: () => {
            throw refusal("403 Forbidden", 9109, "Cannot use the access token from location: 192.0.2.7");
          },
        },
      ),
      {
        message:
          'dnsToken must be taken from the address of this machine, got "403 Forbidden: Cannot use the access token from location: 192.0.2.7 (9109)" (it is tried from here before it is used: add the address to the token\'s client addresses at Cloudflare)',
      },
    ));

  const user = { more: { owner: "user" } } as const;
  const cannotCreate = (setting: string, owner: string, wayOut: string) =>
    `${setting} must be able to create tokens of the ${owner}, got "403 Forbidden: Unauthorized to access requested resource (9109)" (${wayOut})`;
  for (const [setting, args, owner, right] of [
    [deploying, user, "user", "API Tokens Write, give mintingToken one that has it, or set dnsToken"],
    [deploying, {}, "account", "Account API Tokens Write, give mintingToken one that has it, or set dnsToken"],
    ["mintingToken", { mintingToken: pulumi.secret(minting), ...user }, "user", "API Tokens Write, or set dnsToken"],
  ] as const) {
    it(`rejects a credential from ${setting} that may not create tokens: ${right}`, () =>
      assert.rejects(
        run(args, {
          answer: () => {
            throw refusals.tokens;
          },
        }),
        { message: cannotCreate(setting, owner, `give the token ${right}`) },
      ));
  }

  for (const [owner, other, has, lacks, refused] of [
    ["account", "user", "API Tokens Write", "Account API Tokens Write", functions.accountGroups],
    ["user", "account", "Account API Tokens Write", "API Tokens Write", functions.userGroups],
  ] as const) {
    it(`rejects a credential that may create tokens of the ${other} alone, and tells both ways out`, () =>
      assert.rejects(
        run(
          { more: { owner } },
          {
            answer: (token) => {
              if (token === refused) throw refusals.tokens;
              return undefined;
            },
          },
        ),
        {
          message: cannotCreate(
            deploying,
            owner,
            `it may create those of the ${other} with ${has}: set cloudflare.owner to ${other}, or give the token ${lacks}, give mintingToken one that has it, or set dnsToken`,
          ),
        },
      ));
  }

  it("rejects an account that offers no group for its rights", () =>
    assert.rejects(run({}, { answer: () => ({ results: [] }) }), {
      message: `${deploying} must be offered one permission group "DNS Write" for zones, got 0 (give the token the right to create tokens, or set dnsToken)`,
    }));
});

describe("A Cloudflare token created before", () => {
  const issued = "2026-01-01T00:00:00Z";
  const outputs: World["outputs"] = ({ type }) =>
    type === types.apiToken || type === types.accountToken ? { value: mintedToken, issuedOn: issued } : undefined;
  const isToken = (token: string) => token === functions.userToken || token === functions.accountToken;

  for (const [whose, args, call] of [
    ["a user", { more: { owner: "user" } }, [functions.userToken, { tokenId: "token-id" }, undefined]],
    ["an account", {}, [functions.accountToken, { accountId, tokenId: "token-id" }, undefined]],
    [
      "whoever minted it",
      { mintingToken: pulumi.secret(minting) },
      [functions.accountToken, { accountId, tokenId: "token-id" }, "token-minting"],
    ],
  ] as const) {
    it(`is looked at in each preview and up, as ${whose}`, async () => {
      for (const preview of [true, false]) {
        const { calls } = await run(args, { preview, outputs });
        assert.deepEqual(
          calls.filter(({ token }) => isToken(token)).map(({ token, inputs, provider }) => [token, inputs, provider]),
          [call],
        );
      }
    });
  }

  it("is not looked at when this very run created it", async () => {
    const { calls } = await run();
    assert.ok(!calls.some(({ token }) => isToken(token)));
  });

  it("is not looked at by a preview that replaces it", async () => {
    const unknown = pulumi.runtime.unknownValue;
    const { calls } = await run(
      {},
      {
        preview: true,
        outputs: ({ type }) => (type === types.accountToken ? { value: unknown, issuedOn: unknown } : undefined),
      },
    );
    assert.ok(!calls.some(({ token }) => isToken(token)));
  });

  it("is taken as it is by a preview that does not know the credential, and answers nothing", async () => {
    const { calls } = await run({}, { preview: true, outputs, answer: () => ({}) });
    assert.deepEqual(
      calls.map(({ token }) => token),
      [functions.accountGroups, functions.accountToken],
    );
  });

  for (const status of ["disabled", "expired", "revoked (exposed)"]) {
    it(`is named when it is ${status}, and no Secret gets it`, async () => {
      const seen: string[] = [];
      await assert.rejects(
        run(
          {},
          {
            outputs: (resource) => {
              seen.push(resource.type);
              return outputs(resource);
            },
            answer: (token) => (isToken(token) ? { status } : undefined),
          },
        ),
        {
          message: `the Cloudflare token "${name}" must be active, got "${status}" (set cloudflare.rotation to any other value, which replaces it)`,
        },
      );
      assert.ok(seen.includes(types.accountToken) && !seen.includes(types.secret));
    });
  }

  for (const [days, warns] of [
    [31, false],
    [29, true],
  ] as const) {
    it(`is ${warns ? "" : "not "}warned of ${days} days before it expires`, async () => {
      const expiresOn = new Date(Date.now() + (days + 0.5) * 86_400_000).toISOString();
      const answer = (token: string) => (isToken(token) ? { status: "active", expiresOn } : undefined);
      const { warnings } = await run({}, { outputs, answer });
      const warning = `The Cloudflare token "${name}" expires on ${expiresOn}, in ${days} days, and no certificate is renewed after that (set cloudflare.expires to a later date, or cloudflare.rotation to any other value: either replaces it)`;
      assert.deepEqual(warnings, warns ? [warning] : []);
    });
  }

  for (const [what, error, wayOut] of [
    ["gone", refusal("404 Not Found", 1001, "Token not found"), "run pulumi up --refresh, which creates another"],
    [
      "not to be read",
      refusal("500 Internal Server Error", 7, "out of order"),
      `check that ${deploying} may read tokens, and run again`,
    ],
  ] as const) {
    it(`is named when it is ${what}`, () =>
      assert.rejects(
        run(
          {},
          {
            outputs,
            answer: (token) => {
              if (isToken(token)) throw error;
              return undefined;
            },
          },
        ),
        (error: Error) => {
          assert.match(
            error.message,
            /^the Cloudflare token "https-edge example\.com c0ffee00" must be active, got "\d/,
          );
          assert.ok(error.message.endsWith(`(${wayOut})`), error.message);
          return true;
        },
      ));
  }
});
