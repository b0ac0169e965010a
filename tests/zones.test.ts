import assert from "node:assert/strict";
import { Preflight } from "../components/resources/preflight";
import { type Domain, type DomainArgs, domainsOf, zonesOf } from "../components/zones";
import { functions, refusals, zones } from "./support/cloudflare";
import { type Deployment, deploy, isKnown, settled, type World } from "./support/deploy";

const accountId = "a".repeat(32);
const zoneId = "f".repeat(32);
let found: Domain[] = [];
const run = (domains: DomainArgs[], world: World = {}, account?: string): Promise<Deployment> =>
  deploy(() => {
    found = domainsOf(domains, account, new Preflight(), {});
  }, world);

/** What was asked, as [function, inputs]. */
const asked = ({ calls }: Deployment) => calls.map(({ token, inputs }) => [token, inputs]);
const lookUp = (name: string) => [functions.zone, { filter: { name } }];
const readRecords = (zone: string, id: string | undefined) => [
  functions.records,
  { zoneId: id, type: "TXT", name: { exact: `_acme-challenge.${zone}` }, maxItems: 1 },
];

const credential = "cloudflare:apiToken (or CLOUDFLARE_API_TOKEN)";
const cannotRead = (zone: string, answer: string) =>
  `${credential} must be able to read the zone ${zone}, got "${answer}" (give the token Zone Read on this zone; if it is another zone, set zone or zoneId)`;
const cannotReadRecords = (zone: string) =>
  `${credential} must be able to read and write the DNS records of the zone ${zone}, got "403 Forbidden: Authentication error (10000)" (give the token DNS Write on this zone, and check zoneId if it is set)`;

describe("Zones", () => {
  it("are named after their domain unless told otherwise, and looked up and their records read, each once", async () => {
    const domains = [{ name: "example.com" }, { name: "eu.example.com", zone: "example.com" }, { name: "example.org" }];
    const deployment = await run(domains);
    assert.deepEqual(asked(deployment), [
      ...["example.com", "example.org"].map(lookUp),
      ...["example.com", "example.org"].map((name) => readRecords(name, zones[name])),
    ]);
    assert.deepEqual(
      found.map(({ name, zone }) => [name, zone.name]),
      [
        ["example.com", "example.com"],
        ["eu.example.com", "example.com"],
        ["example.org", "example.org"],
      ],
    );
    for (const { zone } of found) assert.equal(await settled(zone.id), zones[zone.name]);
    assert.deepEqual(
      zonesOf(found).map(({ name }) => name),
      ["example.com", "example.org"],
    );
  });

  it("are looked up in the account when one is given", async () => {
    const { calls } = await run([{ name: "example.com" }], {}, accountId);
    assert.deepEqual(calls[0]?.inputs, { filter: { name: "example.com", account: { id: accountId } } });
  });

  it("are looked up in the account that a domain names, which goes before the edge's", async () => {
    const named = "b".repeat(32);
    const domains = [{ name: "example.com" }, { name: "eu.example.com", zone: "example.com", accountId: named }];
    const { calls } = await run(domains, {}, accountId);
    assert.deepEqual(calls[0]?.inputs, { filter: { name: "example.com", account: { id: named } } });
    assert.deepEqual(
      zonesOf(found).map((zone) => [zone.accountId, zone.lookedUp]),
      [[named, true]],
    );
  });

  it("tell the account that they were found in, unless they were not looked up", async () => {
    await run([{ name: "example.com" }, { name: "example.net", zoneId }]);
    assert.deepEqual(await Promise.all(found.map(({ zone }) => zone.foundIn)), [accountId, undefined]);
  });

  it("with a known id are not looked up, and their records are read", async () => {
    assert.deepEqual(asked(await run([{ name: "example.net", zoneId }])), [readRecords("example.net", zoneId)]);
    assert.deepEqual(await Promise.all(found.map(({ zone }) => settled(zone.id))), [zoneId]);
  });

  it("take an id from whichever of their domains has it", async () => {
    const domains = [{ name: "example.net" }, { name: "eu.example.net", zone: "example.net", zoneId }];
    assert.deepEqual(asked(await run(domains)), [readRecords("example.net", zoneId)]);
  });

  it("are left unread by a preview that does not know the credential", async () => {
    // The engine answers so for a provider whose configuration it does not know.
    const deployment = await run([{ name: "example.net" }], { preview: true, answer: () => ({}) });
    assert.deepEqual(asked(deployment), [lookUp("example.net")]);
    assert.equal(await isKnown(found[0]?.zone.id), false);
  });

  it("rejects a zone that the credential cannot see, in Cloudflare's words", () =>
    assert.rejects(run([{ name: "example.net" }]), {
      message: cannotRead("example.net", "failed to find exactly one result: 0 found"),
    }));

  it("rejects a zone that is not in the account, with the account", () =>
    assert.rejects(run([{ name: "example.net" }], {}, accountId), {
      message: `${credential} must be able to read the zone example.net, got "failed to find exactly one result: 0 found" (give the token Zone Read on this zone, in the account ${accountId}; if it is another zone or account, set zone, zoneId or accountId)`,
    }));

  it("rejects a zone whose records the credential cannot read, with and without its id", async () => {
    const answer: World["answer"] = (token) => {
      if (token === functions.records) throw refusals.records;
      return undefined;
    };
    for (const domain of [{ name: "example.com" }, { name: "example.com", zoneId }])
      await assert.rejects(run([domain], { answer }), { message: cannotReadRecords("example.com") });
  });

  it("tells all zones and records that cannot be read at once", () =>
    assert.rejects(
      run([{ name: "example.com" }, { name: "example.net" }, { name: "example.edu", zoneId }], {
        answer: (token) => {
          if (token === functions.records) throw refusals.records;
          return undefined;
        },
      }),
      {
        message: [
          cannotReadRecords("example.com"),
          cannotRead("example.net", "failed to find exactly one result: 0 found"),
          cannotReadRecords("example.edu"),
        ].join("\n"),
      },
    ));

  for (const [what, answer] of [
    ["malformed", "400 Bad Request: Invalid request headers (6003): Invalid format for Authorization header (6111)"],
    ["unknown", "403 Forbidden: Invalid access token (9109)"],
  ] as const) {
    it(`rejects a credential that is ${what} in one line, however many zones there are`, () =>
      assert.rejects(
        run([{ name: "example.com" }, { name: "example.org" }], {
          answer: () => {
            throw refusals[what];
          },
        }),
        {
          message: `${credential} must be an API token that Cloudflare accepts, got "${answer}" (copy it anew, or create another at https://dash.cloudflare.com/profile/api-tokens)`,
        },
      ));
  }
});
