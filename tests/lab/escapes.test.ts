import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { log } from "../../lab/layout";
import { succeed } from "./support/command";

describe("In all that the tests did", () => {
  it("no packet tried to leave the lab", async () => {
    const counter = ["nft", "-j", "list", "counter", "inet", "lab_guard", "escaped"];
    const { nftables } = JSON.parse(await succeed("nsenter", ["--net=/proc/1/ns/net", ...counter])) as {
      nftables: { counter?: { packets: number } }[];
    };
    assert.equal(nftables.find((entry) => entry.counter)?.counter?.packets, 0);
  });

  it("nobody asked for a name of the outside, but the tests that meant to", () => {
    const asked = readFileSync(join(log, "dns.log"), "utf8").matchAll(/outside the lab: \S+ (\S+?)\.?(\s|$)/g);
    const meant = ["acme-staging-v02.api.letsencrypt.org", "www.iana.org"];
    assert.deepEqual(
      [...asked].map(([, name = ""]) => name).filter((name) => !meant.includes(name)),
      [],
    );
  });
});
