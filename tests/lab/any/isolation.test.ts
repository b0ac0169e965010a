import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { describe, it } from "mocha";

describe("The lab", () => {
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
