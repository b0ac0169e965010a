import assert from "node:assert/strict";
import { company, configuration, type Environment, environments, letsEncrypts } from "./environments";

const configured = (environment: Environment) =>
  JSON.parse(configuration(environment, "/pebble.crt", "/pebble.key")).pebble as {
    profiles: Record<string, { validityPeriod: number }>;
    externalAccountBindingRequired: boolean;
  };

describe("Let's Encrypt", () => {
  it("is two servers that share no port, and no root, with each other or with the firm's", () => {
    const all = environments.flatMap(({ port, managementPort, root }) => [port, managementPort, root]);
    assert.equal(new Set(all).size, all.length);
  });

  it("has one profile, so that each order gets 90 days, and asks for no external account", () => {
    for (const environment of letsEncrypts) {
      const { profiles, externalAccountBindingRequired } = configured(environment);
      assert.deepEqual(
        Object.values(profiles).map(({ validityPeriod }) => validityPeriod),
        [90 * 24 * 3600],
      );
      assert.equal(externalAccountBindingRequired, false);
    }
  });
});

describe("A firm's own CA", () => {
  it("asks for an external account, and its certificates live for less than a minute", () => {
    const { profiles, externalAccountBindingRequired } = configured(company);
    assert.equal(externalAccountBindingRequired, true);
    for (const { validityPeriod } of Object.values(profiles)) assert.ok(validityPeriod < 60);
  });
});
