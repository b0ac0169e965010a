import assert from "node:assert/strict";
import { configuration, environments } from "./environments";

describe("Let's Encrypt", () => {
  it("is two servers that share no port, and no root", () => {
    const all = environments.flatMap(({ port, managementPort, root }) => [port, managementPort, root]);
    assert.equal(new Set(all).size, all.length);
  });

  it("has one profile, so that each order gets 90 days", () => {
    for (const environment of environments) {
      const { pebble } = JSON.parse(configuration(environment, "/pebble.crt", "/pebble.key"));
      assert.deepEqual(
        Object.values(pebble.profiles).map((profile) => (profile as { validityPeriod: number }).validityPeriod),
        [90 * 24 * 3600],
      );
    }
  });
});
