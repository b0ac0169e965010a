import assert from "node:assert/strict";
import { getCiphers } from "node:tls";
import { ciphers } from "../components/rules/tls";

describe("TLS", () => {
  it("names suites that there are, each with forward secrecy, an ECDSA certificate and authenticated encryption", () => {
    assert.equal(new Set(ciphers).size, ciphers.length);
    for (const cipher of ciphers) {
      assert.ok(getCiphers().includes(cipher.toLowerCase()), cipher);
      assert.match(cipher, /^ECDHE-ECDSA-.*(GCM|POLY1305)/);
    }
  });
});
