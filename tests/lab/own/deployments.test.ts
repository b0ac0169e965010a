import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { command } from "../../../examples/deployments/kubeconfig";
import { ask, rootOf, runDirectory } from "../../../lab";
import { eventually } from "../support/eventually";
import { Example } from "../support/example";

/** Variables of this process, as they are. */
const own = (...keys: string[]): Record<string, string> =>
  Object.fromEntries(keys.map((key) => [key, process.env[key] ?? assert.fail(`${key} is not set`)]));

describe("A run of Pulumi Deployments, for a pull request", () => {
  let home: string;
  let example: Example;
  before(async () => {
    home = mkdtempSync(join(runDirectory, "container-"));
    example = await Example.install("review", "pr-edge-7", {
      // What such a container has: programs, a home without files, the backend, and what examples/deployments sets.
      ...own("PATH", "PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"),
      HOME: home,
      CLOUDFLARE_API_TOKEN: own("CLOUDFLARE_API_TOKEN").CLOUDFLARE_API_TOKEN ?? "",
      KUBECONFIG: join(home, "kubeconfig"),
      KUBECONFIG_TEXT: readFileSync(own("KUBECONFIG").KUBECONFIG ?? "", "utf8"),
      // The lab's internet: its authority, and no downloads of plugins.
      ...own("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"),
      ...own("PULUMI_SKIP_UPDATE_CHECK"),
    });
    const { code, output } = await example.do(["sh", "-c", command]);
    assert.equal(code, 0, output);
    await example.init();
    await example.succeed(["config", "set", "wait", "3s"]);
  });
  after(async () => {
    await example.remove();
    rmSync(home, { recursive: true });
  });

  it("puts up an edge at the pull request's own host, with a certificate of the staging CA", async () => {
    await example.up();
    await eventually("the host", async () => {
      const roots = [rootOf("staging")];
      const { status, certificate } = await ask("whoami.pr-edge-7.review.example.com", { roots });
      assert.equal(status, 200);
      assert.ok(certificate.names.includes("*.pr-edge-7.review.example.com"), certificate.names.join());
    });
  });
});
