import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { accountId, tokens, zones } from "../../../lab";
import { asToken, mintedTokens, state, withFault } from "../support/cloudflare";
import { apply, certificate, list, names } from "../support/cluster";
import { eventually } from "../support/eventually";
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
    stack.set("https-edge:domains[0].name", "*.example.com");
    stack.set("https-edge:acme.environment", "live");
    stack.set("https-edge:gatway.replicas", "3");
    const { code, output } = await stack.run("preview");
    assert.notEqual(code, 0);
    assert.match(output, /3 settings are wrong; nothing was changed:/);
    assert.match(output, /domains\[0\]\.name must be a bare name such as example\.com, got "\*\.example\.com"/);
    assert.match(output, /acme\.environment must be staging or production, got "live"/);
    assert.match(output, /gatway must be a setting, got an unknown name/);
    await stack.destroy();
  });

  describe("while the ACME server cannot be reached", () => {
    let stack: Stack;
    before(async () => {
      stack = await Stack.create("staging", "failures");
      await stack.leaveEarlierCrds();
      stack.set(...shortWait);
    });
    after(() => stack.destroy());

    it("names it; when it is back the next up succeeds", async () => {
      await withoutName("acme-staging-v02.api.letsencrypt.org", async () => {
        const { code, output } = await stack.run("up", "--yes", "--skip-preview");
        assert.notEqual(code, 0);
        assert.match(
          output,
          /error: ClusterIssuer letsencrypt-staging must have an ACME account, got .*acme-staging-v02/,
        );
      });
      await stack.up();
    });

    it("leaves an edge that can be taken away when Cloudflare refuses everything, but for what it has there", async () => {
      const { records } = await state();
      const minted = await mintedTokens();
      await withFault({ status: 403, code: 9109, message: "Invalid access token" }, async () => {
        await apply(certificate({ name: "held", namespace: "envoy-gateway" }, ["held.staging.example.com"]));
        await eventually("a challenge that cert-manager holds", async () => {
          const [challenge] = await list("challenges");
          assert.deepEqual(challenge?.metadata.finalizers, ["acme.cert-manager.io/finalizer"]);
        });
        const { code, output } = await stack.operation("destroy", "--yes", "--skip-preview", "--without-cloudflare");
        assert.equal(code, 0, output);
        assert.match(output, /Challenge envoy-gateway\/held-\S+: finalizer acme\S+ is taken off, as its record cannot/);
        const [, stays] = output.split("This stays at Cloudflare:\n");
        for (const { name } of [...records, ...minted]) assert.ok(stays?.includes(` ${name} `), `${name} in ${stays}`);
      });
      assert.deepEqual(await names("namespaces"), ["default", "kube-node-lease", "kube-public", "kube-system"]);
      assert.deepEqual((await state()).records, records);
      assert.deepEqual(await mintedTokens(), minted);

      for (const { id, zone } of records) {
        const zoneId = zones.find(({ name }) => name === zone)?.id;
        await asToken(tokens.deploy, "DELETE", `zones/${zoneId}/dns_records/${id}`);
      }
      for (const { id } of minted) await asToken(tokens.deploy, "DELETE", `accounts/${accountId}/tokens/${id}`);
      assert.deepEqual((await state()).records, []);
      assert.deepEqual(await mintedTokens(), []);
    });
  });
});
