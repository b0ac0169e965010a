import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { mintedTokens } from "../support/cloudflare";
import { names } from "../support/cluster";
import { withoutName, withoutNames } from "../support/outside";
import { diagnosticsOf, Stack, shortWait } from "../support/stack";

describe("An up that cannot succeed", () => {
  it("names every host that is out of reach at once, a line each, and touches nothing", async () => {
    const stack = await Stack.create("staging", "failures");
    await withoutNames(["api.cloudflare.com", "github.com", "quay.io", "registry-1.docker.io"], async () => {
      for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
        const { code, output } = await stack.run(...args);
        assert.notEqual(code, 0);
        const said = diagnosticsOf(output);
        for (const line of [
          /cloudflare:apiToken \(or CLOUDFLARE_API_TOKEN\) must be able to read the zone example\.com, got /g,
          /crds\.gatewayApi must be readable, got https:\/\/github\.com\/\S+: getaddrinfo \w+ github\.com/g,
          /crds\.envoyGateway must be readable, got https:\/\/github\.com\/\S+: getaddrinfo \w+ github\.com/g,
          /chart oci:\/\/quay\.io\/\S+ v\S+ must be readable, got https:\/\/quay\.io\/v2\/: getaddrinfo \w+ quay\.io/g,
          /chart oci:\/\/docker\.io\/\S+ v\S+ must be readable, got https:\/\/registry-1\.docker\.io\/v2\/: getaddrinfo/g,
        ])
          assert.equal([...said.matchAll(line)].length, 1, `${line} in:\n${output}`);
        assert.doesNotMatch(output, /unhandled exception|is closing|is terminating|^ *at /m);
        assert.ok(!output.includes("\x1b"), "no escape code");
      }
    });
    assert.deepEqual(await names("namespaces"), ["default", "kube-node-lease", "kube-public", "kube-system"]);
    assert.deepEqual(await mintedTokens(), []);
    await stack.destroy();
  });

  it("names every wrong setting in one message, before any call", async () => {
    const stack = await Stack.create("staging", "failures");
    await stack.set("https-edge:domains[0].name", "*.example.com");
    await stack.set("https-edge:acme.environment", "live");
    await stack.set("https-edge:gatway.replicas", "3");
    const { code, output } = await stack.run("preview");
    assert.notEqual(code, 0);
    assert.match(output, /3 settings are wrong; nothing was changed:/);
    assert.match(output, /domains\[0\]\.name must be a bare name such as example\.com, got "\*\.example\.com"/);
    assert.match(output, /acme\.environment must be staging or production, got "live"/);
    assert.match(output, /gatway must be a setting, got an unknown name/);
    await stack.destroy();
  });

  it("names an ACME server that cannot be reached; when it is back the next up succeeds", async () => {
    const stack = await Stack.create("staging", "failures");
    await stack.set(...shortWait);
    await withoutName("acme-staging-v02.api.letsencrypt.org", async () => {
      const { code, output } = await stack.run("up", "--yes", "--skip-preview");
      assert.notEqual(code, 0);
      assert.match(
        output,
        /error: ClusterIssuer letsencrypt-staging must have an ACME account, got .*acme-staging-v02/,
      );
    });
    await stack.up();
    await stack.destroy();
  });
});
