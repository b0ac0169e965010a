import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { describe, it } from "mocha";
import { succeed } from "./support/command";

describe("The lab", () => {
  it("has no link to a network that is not its own", async () => {
    const links: { ifname: string; link_type: string; link_netnsid?: number; master?: string }[] = JSON.parse(
      await succeed("ip", ["-json", "-details", "link", "show"]),
    );
    for (const { ifname } of links)
      assert.match(ifname, /^(lo|lab|veth|cni|eth0|outside|tunl0|sit0|gre|ip6|erspan|ip_vti)/, ifname);
  });

  it("knows no name of the outside", async () => {
    await assert.rejects(lookup("www.iana.org"), /ENOTFOUND/);
  });

  it("reaches no address of the outside", async () => {
    const outcome = await new Promise<string>((resolve) => {
      // TEST-NET-1: nobody's, and outside of the lab's own networks.
      const socket = connect({ host: "192.0.2.1", port: 443, timeout: 5_000 });
      socket.once("connect", () => resolve("connected"));
      socket.once("timeout", () => resolve("timeout"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    });
    assert.match(outcome, /ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ECONNRESET/);
  });
});
