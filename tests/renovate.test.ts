import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkVersions, type VersionSet, versionSets } from "../components/rules/versions";

/** https://docs.renovatebot.com/configuration-options/, as far as the file has them. */
interface Config {
  customManagers: {
    managerFilePatterns: string[];
    matchStrings: string[];
    depNameTemplate: string;
    depTypeTemplate: string;
    extractVersionTemplate: string;
  }[];
  packageRules: {
    matchDepTypes?: string[];
    matchDepNames?: string[];
    matchUpdateTypes?: string[];
    allowedVersions?: string;
    groupName?: string;
    enabled?: boolean;
  }[];
}

const root = join(__dirname, "..");
const { customManagers, packageRules }: Config = JSON.parse(readFileSync(join(root, "renovate.json"), "utf8"));
const source = readFileSync(join(root, "components", "rules", "versions.ts"), "utf8");

const names: Record<keyof VersionSet, string> = {
  envoyGateway: "envoyproxy/gateway",
  gatewayApi: "kubernetes-sigs/gateway-api",
  certManager: "cert-manager/cert-manager",
};
const parts = Object.keys(names) as (keyof VersionSet)[];
const sets = Object.keys(versionSets) as (keyof typeof versionSets)[];

const lineOf = (version: string): string => version.replace(/\.\d+$/, "");

/** Whether an update of a part of a set is let through. */
const isAllowed = (set: keyof typeof versionSets, part: keyof VersionSet, to: string): boolean =>
  packageRules
    .filter(
      ({ matchDepTypes, matchDepNames }) =>
        (matchDepTypes?.includes(set) ?? true) && (matchDepNames?.includes(names[part]) ?? true),
    )
    .filter(({ matchDepTypes, matchDepNames }) => matchDepTypes || matchDepNames)
    .every(({ allowedVersions = "/./", enabled = true, matchUpdateTypes }) => {
      const isPatch = lineOf(versionSets[set][part]) === lineOf(to);
      const isMeant = !matchUpdateTypes || !isPatch;
      return new RegExp(allowedVersions.slice(1, -1)).test(to) && (enabled || !isMeant);
    });

const candidates = ["1.2", "1.3", "1.5", "1.6", "1.7", "1.9", "1.10", "1.19", "1.20", "1.21", "1.22", "2.0"].flatMap(
  (line) => [0, 1, 2, 3, 4, 9, 10, 12].map((patch) => `${line}.${patch}`),
);

describe("Renovate", () => {
  it("finds each version of each set where it stands, once", () => {
    const found = customManagers.map(
      ({ managerFilePatterns, matchStrings: [pattern = ""], depNameTemplate, depTypeTemplate }) => {
        assert.ok(
          managerFilePatterns.every((each) => new RegExp(each.slice(1, -1)).test("components/rules/versions.ts")),
        );
        const matches = [...source.matchAll(new RegExp(pattern, "g"))];
        assert.equal(matches.length, 1, pattern);
        return `${depTypeTemplate} ${depNameTemplate} ${matches[0]?.groups?.currentValue}`;
      },
    );
    const expected = sets.flatMap((set) => parts.map((part) => `${set} ${names[part]} ${versionSets[set][part]}`));
    assert.deepEqual(found.sort(), expected.sort());
  });

  it("reads upstream's tags, which begin with a v", () => {
    for (const { extractVersionTemplate } of customManagers)
      assert.equal(new RegExp(extractVersionTemplate).exec("v1.9.3")?.groups?.version, "1.9.3");
  });

  it("raises a set as one", () => {
    for (const set of sets)
      assert.equal(
        packageRules.filter(({ matchDepTypes, groupName }) => matchDepTypes?.includes(set) && groupName).length,
        1,
      );
  });

  for (const set of sets)
    it(`lets through for the set ${set} what is legal beside the rest of it, and of another line nothing`, () => {
      for (const part of parts)
        for (const to of candidates) {
          const isOfLine = lineOf(to) === lineOf(versionSets[set][part]);
          const isLegal = checkVersions({ ...versionSets[set], [part]: to }) === undefined;
          const expected = isLegal && (isOfLine || (part === "certManager" && set === "current"));
          assert.equal(isAllowed(set, part, to), expected, `${part} ${to}`);
        }
    });
});
