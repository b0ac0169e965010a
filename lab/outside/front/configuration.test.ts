import assert from "node:assert/strict";
import { configuration } from "./configuration";
import { hostnames } from "./hostnames";

describe("Front", () => {
  it("sends each host to one backend, and answers any other host as misdirected", () => {
    const text = configuration({ address: "127.0.0.1", port: 8443, pem: "/front.pem" });
    for (const [name, upstream] of Object.entries(hostnames)) {
      assert.match(text, new RegExp(`use_backend ${upstream} if .* ${name.replaceAll(".", "\\.")}( |$)`, "m"));
      assert.match(text, new RegExp(`^backend ${upstream}$`, "m"));
    }
    assert.match(text, /default_backend nobody/);
  });
});
