import assert from "node:assert/strict";
import { hostnames } from "../front/hostnames";
import { corefile } from "./corefile";
import { hosts } from "./hosts";

describe("DNS", () => {
  it("has every name of the front, and the zones' name servers", () => {
    for (const name of Object.keys(hostnames))
      assert.match(hosts(), new RegExp(`^198\\.51\\.100\\.20 .*\\b${name}`, "m"));
    assert.match(hosts(), /^198\.51\.100\.53 ada\.ns\.cloudflare\.com bob\.ns\.cloudflare\.com$/m);
  });

  it("takes no half-written file for a zone", () => {
    const text = corefile({ address: "198.51.100.53", port: 53, hosts: "/hosts", zones: "/zones" });
    const pattern = /directory \/zones (\S+) /.exec(text)?.[1] ?? "";
    assert.equal(new RegExp(pattern).exec("example.com.zone")?.[1], "example.com");
    for (const other of ["example.com.zone.tmp", "example.com.zone.new", "hosts"]) {
      assert.equal(new RegExp(pattern).test(other), false);
    }
  });
});
