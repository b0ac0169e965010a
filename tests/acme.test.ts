import assert from "node:assert/strict";
import {
  checkDirectory,
  checkEab,
  checkEabHmacKey,
  checkEabKeyId,
  checkProfile,
  checkRenewalInfo,
  checkRenewBeforePercentage,
  checkRoots,
  eabHmacKey,
  profiles,
  renewBeforePercentageOf,
} from "../components/rules/acme";
import { namesOf } from "../components/rules/names";
import { versionSets } from "../components/rules/versions";
import { certificate } from "./support/certificates";

describe("A profile", () => {
  for (const profile of Object.keys(profiles))
    it(`${profile} is Let's Encrypt's`, () => assert.equal(checkProfile(profile, true), undefined));

  it("of another server is any name", () => assert.equal(checkProfile("ten-days.v2", false), undefined));

  for (const [name, ofLetsEncrypt, problem] of [
    [
      "tlsclient",
      true,
      'must be classic or tlsserver or shortlived, got "tlsclient" (Let\'s Encrypt has no other; leave it out for classic)',
    ],
    [
      "",
      true,
      'must be the name of a profile, got "" (letters, digits, "-", "_" and "."; the server\'s directory lists its own)',
    ],
    [
      "two words",
      false,
      'must be the name of a profile, got "two words" (letters, digits, "-", "_" and "."; the server\'s directory lists its own)',
    ],
  ] as const)
    it(`rejects "${name}"`, () => assert.equal(checkProfile(name, ofLetsEncrypt), problem));

  it("renews with a third left, and with half of a life below ten days", () =>
    assert.deepEqual(
      [undefined, "classic", "tlsserver", "shortlived", "ten-days"].map(renewBeforePercentageOf),
      [33, 33, 33, 50, 33],
    ));
});

describe("A share of the lifetime", () => {
  for (const [share, profile] of [
    [10, undefined],
    [90, "classic"],
    [75, "shortlived"],
  ] as const)
    it(`may be ${share} with ${profile}`, () => assert.equal(checkRenewBeforePercentage(share, profile), undefined));

  const life = "the rest of a certificate's life, in which renewals that fail are noticed and mended";
  for (const [share, profile, problem] of [
    [9, undefined, `must be a whole number of percent from 10 to 90, got 9 (${life})`],
    [33.3, "classic", `must be a whole number of percent from 10 to 90, got 33.3 (${life})`],
    [91, undefined, `must be a whole number of percent from 10 to 90, got 91 (${life})`],
    [
      76,
      "shortlived",
      "must be a whole number of percent from 10 to 75, got 76 (certificates of shortlived are good for 160 hours, and Let's Encrypt issues five a week for the same names)",
    ],
  ] as const)
    it(`rejects ${share} with ${profile}`, () => assert.equal(checkRenewBeforePercentage(share, profile), problem));

  it("keeps each profile's renewals to five a week", () => {
    const hours = { classic: 45 * 24, tlsserver: 45 * 24, shortlived: 160 };
    for (const [profile, life] of Object.entries(hours))
      assert.ok((7 * 24) / (life * (1 - (profiles[profile]?.most ?? 100) / 100)) < 5, profile);
  });
});

describe("Renewal by the CA's suggestion", () => {
  const { current, guide } = versionSets;
  it("needs cert-manager 1.21.3", () =>
    assert.equal(checkRenewalInfo({ ...current, certManager: "1.21.3" }, false), undefined));

  it("is rejected before, with the loop, and for a cert-manager that does not have it", () => {
    assert.equal(
      checkRenewalInfo(current, false),
      "must be left out with cert-manager 1.21.2, got true (its renewals may repeat without end, and use up Let's Encrypt's five certificates a week in seconds: set versions.certManager to 1.21.3 or later)",
    );
    assert.equal(
      checkRenewalInfo(guide, false),
      "must be left out with cert-manager 1.20.3, got true (it cannot be told so: set versions.certManager to 1.21.3 or later)",
    );
  });

  it("is not the edge's to switch on where cert-manager is somebody else's", () =>
    assert.match(checkRenewalInfo(current, true) ?? "", /^must be left out beside certManager\.existing, got true/));
});

describe("The directory of an ACME server", () => {
  for (const url of ["https://ca.company.example:9000/acme/acme/directory", "https://acme.zerossl.com/v2/DV90"])
    it(`may be ${url}`, () => assert.equal(checkDirectory(url), undefined));

  const rule = "must be the https address of a directory such as https://ca.company.example/acme/acme/directory";
  for (const [url, reason] of [
    ["ca.company.example", "ACME is spoken over https alone"],
    ["http://ca.company.example/acme/acme/directory", "ACME is spoken over https alone"],
    ["https://me:secret@ca.company.example/directory", "ACME is spoken over https alone"],
    ["https://ca.company.example", "without its path: the CA's manual tells the directory's"],
    [
      "https://acme-v02.api.letsencrypt.org/directory",
      "leave server out: acme.environment chooses between Let's Encrypt's two",
    ],
  ] as const)
    it(`rejects ${url}`, () => assert.equal(checkDirectory(url), `${rule}, got "${url}" (${reason})`));

  it("names its issuer, each another", () => {
    const urls = [
      "https://ca.company.example/a-b",
      "https://ca.company.example/a/b",
      "https://ca.company.example:8443/a-b",
      `https://${"a".repeat(60)}.${"b".repeat(60)}.example/directory`,
    ];
    const names = ["eg", "shop"].flatMap((name) => urls.map(namesOf({ name }).serverIssuer));
    assert.equal(new Set(names).size, 2 * urls.length);
    for (const name of names) assert.match(name, /^acme-[a-z0-9]([a-z0-9-]*[a-z0-9])?-[0-9a-f]{10}(-shop)?$/);
  });
});

describe("The roots of an ACME server", () => {
  const now = Date.now();
  let ca: string;
  let leaf: string;
  before(() => {
    ca = certificate("Company Root", true);
    leaf = certificate("ca.company.example", false);
  });

  it("are certificates of CAs", () => assert.equal(checkRoots(`# ours\n${ca}${ca}`, now), undefined));

  const rule = "must be certificates of CAs in PEM";
  const cases: [string, () => string, number, RegExp | string][] = [
    ["none", () => "no root", now, `${rule}, got none ("-----BEGIN CERTIFICATE-----" must stand before each)`],
    [
      "a private key",
      () => `${ca}-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n`,
      now,
      `${rule}, got a private key (give the certificate alone, and make another key)`,
    ],
    [
      "a part of one",
      () => ca.replace(/\n.*\n(?=-----END)/, "\n"),
      now,
      `${rule}, got one that cannot be read (copy it anew, with all its lines)`,
    ],
    [
      "the server's own certificate",
      () => ca + leaf,
      now,
      `${rule}, got that of CN=ca.company.example, which is no CA (give the root that it leads to, which outlives it)`,
    ],
    [
      "one that has ended",
      () => ca,
      now + 2 * 86_400_000,
      /^must be certificates of CAs in PEM, got that of CN=Company Root, which ended .* GMT \(give the CA's present root\)$/,
    ],
  ];
  for (const [what, pem, at, problem] of cases)
    it(`rejects ${what}`, () => {
      const found = checkRoots(pem(), at);
      if (typeof problem === "string") assert.equal(found, problem);
      else assert.match(found ?? "", problem);
    });
});

describe("The binding to an external account", () => {
  it("takes a key in both alphabets of base64, with its padding or without", () => {
    assert.equal(eabHmacKey(" zWND+M6e/GHWpSRTPal5eIUYFTu7==\n"), "zWND-M6e_GHWpSRTPal5eIUYFTu7");
    assert.equal(checkEabHmacKey("zWND+M6e/GHWpSRTPal5eIUYFTu7=="), undefined);
  });

  for (const key of ["", "short", "zWNDZM6eQGHWpSRT Pal5eIUYFTu7", "zWNDZM6eQGHWpSRTPal5eIUYFTu7X"])
    it(`rejects the key "${key}", without showing it`, () =>
      assert.equal(
        checkEabHmacKey(key),
        "must be the HMAC key that the CA tells, in base64, got something else (at least 22 letters, digits, - and _; it comes with the key id)",
      ));

  it("rejects a key id with a space, or none", () => {
    assert.equal(checkEabKeyId("kid-1"), undefined);
    for (const id of ["", "kid 1"])
      assert.equal(
        checkEabKeyId(id),
        `must be the key id that the CA tells, got "${id}" (no spaces; it comes with the HMAC key)`,
      );
  });

  it("is both halves or none", () => {
    assert.equal(checkEab("kid-1", true), undefined);
    assert.equal(checkEab(undefined, false), undefined);
    assert.match(checkEab("kid-1", false) ?? "", /^acme\.server\.eabKeyId must come with its key, got "kid-1" alone/);
    assert.match(checkEab(undefined, true) ?? "", /^eabHmacKey must come with its id, got the key alone/);
  });
});
