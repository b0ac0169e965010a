import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { configuration } from "./configuration";
import { names } from "./names";

const run = promisify(execFile);

describe("Front", () => {
  it("sends each name to one backend, and says of any other that it was misdirected", () => {
    const text = configuration({ address: "127.0.0.1", port: 8443, pem: "/front.pem", ca: "/ca.crt" });
    for (const [name, upstream] of Object.entries(names)) {
      assert.match(text, new RegExp(`use_backend ${upstream} if .* ${name.replaceAll(".", "\\.")}( |$)`, "m"));
      assert.match(text, new RegExp(`^backend ${upstream}$`, "m"));
    }
    assert.match(text, /default_backend nobody/);
  });

  it("is a configuration that HAProxy accepts", async () => {
    const directory = await mkdtemp(join(tmpdir(), "front-"));
    const pem = join(directory, "front.pem");
    const file = join(directory, "haproxy.cfg");
    try {
      const subject = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=front"];
      const { stdout } = await run("openssl", ["req", "-x509", ...subject, "-keyout", "-"]);
      await writeFile(pem, stdout);
      await writeFile(file, configuration({ address: "127.0.0.1", port: 8443, pem, ca: pem }));
      await run("haproxy", ["-c", "-f", file]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
