import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { output, runDirectory } from "../../../lab";
import { mintedTokens } from "../support/cloudflare";
import { apply, get, names, remove } from "../support/cluster";
import { Stack } from "../support/stack";

/** Nothing of an edge is there: neither in the cluster nor at Cloudflare. */
const nothingWasMade = async (): Promise<void> => {
  assert.deepEqual(
    (await names("namespaces")).filter((name) =>
      ["cert-manager", "envoy-gateway", "envoy-gateway-system"].includes(name),
    ),
    [],
  );
  assert.deepEqual(await mintedTokens(), []);
};

describe("A cluster that is not the edge's alone", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create("staging", "beside");
  });
  afterEach(() => stack.destroy());

  describe("with a namespace whoami that holds something precious", () => {
    const precious = { name: "precious", namespace: "whoami" };
    before(() =>
      apply(
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "whoami" } },
        { apiVersion: "v1", kind: "ConfigMap", metadata: precious, data: { treasure: "map" } },
      ),
    );
    after(() => remove("namespace", "whoami"));

    it("is refused before anything is made, and destroy leaves the namespace and all that is in it", async () => {
      for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
        const { code, output: said } = await stack.run(...args);
        assert.notEqual(code, 0, said);
        assert.match(
          said,
          /Namespace whoami must be absent or this stack's own, got one of whoever made it with kubectl/,
        );
        assert.doesNotMatch(said, /unhandled exception/);
      }
      await nothingWasMade();
      await stack.succeed("destroy", "--yes", "--skip-preview");
      assert.deepEqual((await get("configmap", precious.name, precious.namespace)).data, { treasure: "map" });
    });
  });

  describe("that is the wrong one", () => {
    it("by a context that the kubeconfig does not have stops the preview", async () => {
      await stack.succeed("config", "set", "kubernetes:context", "nowhere");
      const { code, output: said } = await stack.run("preview");
      assert.notEqual(code, 0, said);
      assert.match(said, /the context must be one of the kubeconfig's, got "nowhere" \(there are /);
      assert.doesNotMatch(said, /unhandled exception/);
    });

    it("by a kubeconfig that is not there stops the preview", async () => {
      const { code, output: said } = await stack.with({ KUBECONFIG: "/nowhere/config" }).run("preview");
      assert.notEqual(code, 0, said);
      assert.match(said, /the kubeconfig must be readable, got \/nowhere\/config: ENOENT/);
      assert.doesNotMatch(said, /unhandled exception/);
    });

    it("by not answering is a warning in the preview, and ends an up before anything is made", async () => {
      const { stdout } = { stdout: await output(["kubectl", "config", "view", "--raw", "-o", "json"]) };
      const kubeconfig = join(runDirectory, "silent.kubeconfig");
      writeFileSync(kubeconfig, stdout.replace(/"server": "[^"]+"/, '"server": "https://127.0.0.1:1"'));
      const silent = stack.with({ KUBECONFIG: kubeconfig });
      const preview = await silent.run("preview");
      assert.equal(preview.code, 0, preview.output);
      assert.match(preview.output, /warning: cluster \S+ at https:\/\/127\.0\.0\.1:1 must answer, got .*ECONNREFUSED/);
      const up = await silent.run("up", "--yes", "--skip-preview");
      assert.notEqual(up.code, 0, up.output);
      assert.match(up.output, /error: cluster \S+ at https:\/\/127\.0\.0\.1:1 must answer/);
      assert.doesNotMatch(up.output, /unhandled exception/);
      await nothingWasMade();
    });
  });
});
