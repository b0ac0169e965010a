import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isWithin } from "../../../components/rules/checks";
import { escapes, namesOutside, zones } from "../../../lab";
import { losable } from "../support/outside";

describe("In all that was done in the lab", () => {
  it("no packet tried to leave the lab", async () => {
    assert.equal(await escapes(1), 0);
  });

  it("nobody asked for a name of the outside, but the tests that meant to", () => {
    // The proxies of Envoy Gateway 1.3 call their controller by this name alone, which the cluster's DNS completes.
    const meant: string[] = [...losable, "www.iana.org", "envoy-gateway"];
    // What lies in a zone of the lab is of the lab, also while the zone is not served.
    const isOfZone = (name: string) => zones.some((zone) => isWithin(name, zone.name));
    assert.deepEqual(
      namesOutside().filter((name) => !meant.includes(name) && !isOfZone(name)),
      [],
    );
  });
});
