import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { output } from "../../../lab";
import { mintedTokens } from "../support/cloudflare";
import { get, list } from "../support/cluster";
import { domain, serving, stagingEdge } from "../support/edge";
import { Stack } from "../support/stack";

interface Exported {
  deployment: { resources: { urn: string; outputs?: Record<string, string> }[] };
}

describe("A cluster with an edge", () => {
  let stack: Stack;
  before(async () => {
    stack = await stagingEdge();
  });

  /** A preview that must stop, and what it says. */
  const refused = async (of: Stack, ...args: string[]): Promise<string> => {
    const { code, output: said } = await of.run("preview", ...args);
    assert.notEqual(code, 0, said);
    assert.match(said, /is not free for this edge; nothing was changed:/);
    assert.doesNotMatch(said, /unhandled exception/);
    return said;
  };

  it("has every object of it labelled with organisation, project, stack and component", async () => {
    for (const kind of ["namespaces", "gateways.gateway.networking.k8s.io", "clusterissuers", "deployments"]) {
      const own = (await list(kind)).filter(
        ({ metadata }) => metadata.labels?.["app.kubernetes.io/part-of"] === "https-edge",
      );
      assert.ok(own.length > 0, kind);
      for (const { metadata } of own)
        assert.equal(metadata.labels?.["https-edge/stack"], "organization.https-edge.staging.edge", metadata.name);
    }
  });

  describe("that another stack is to be put on", () => {
    let prod: Stack;
    let tokens: string[];
    before(async () => {
      tokens = (await mintedTokens()).map(({ id }) => id);
      prod = await Stack.create("prod", "second");
    });

    it("is refused to it, in the preview and in an up, and the first stack is named", async () => {
      for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
        const { code, output: said } = await prod.run(...args);
        assert.notEqual(code, 0, said);
        assert.match(said, /Namespace cert-manager must be absent .* stack organization\.https-edge\.staging\.edge/);
        assert.match(said, /GatewayClass eg must be absent .* stack organization\.https-edge\.staging\.edge/);
      }
    });

    it("is not touched when the other stack is destroyed: no object, no token, no failed answer", async () => {
      const uid = (await get("gateway", "eg", "envoy-gateway")).metadata.uid;
      await prod.destroy();
      assert.equal((await get("gateway", "eg", "envoy-gateway")).metadata.uid, uid);
      assert.deepEqual(
        (await mintedTokens()).map(({ id }) => id),
        tokens,
      );
      await serving();
      await stack.succeed("preview", "--expect-no-changes");
    });
  });

  it("is refused to the same component of another name, since its objects would be made and deleted at once", async () => {
    const program = join(stack.directory, "index.ts");
    const text = readFileSync(program, "utf8");
    writeFileSync(program, text.replace('new HttpsEdge("edge"', 'new HttpsEdge("front"'));
    try {
      assert.match(
        await refused(stack),
        /got one of stack organization\.https-edge\.staging\.edge \(this is organization\.https-edge\.staging\.front/,
      );
    } finally {
      writeFileSync(program, text);
    }
  });

  describe("that is another than the one of the stack's last up", () => {
    const elsewhere = "00000000-0000-4000-8000-000000000000";
    const file = () => join(stack.directory, "state.json");
    let here: string;

    /** Puts another UID into the state, as if it had been written by an up to another cluster. */
    const record = async (uid: string): Promise<void> => {
      const exported = JSON.parse(await stack.succeed("stack", "export")) as Exported;
      const recorded = exported.deployment.resources.find(({ urn }) => urn.endsWith("::edge-cluster-uid"));
      assert.ok(recorded?.outputs);
      recorded.outputs.output = uid;
      writeFileSync(file(), JSON.stringify(exported));
      await stack.succeed("stack", "import", "--file", file());
    };
    before(async () => {
      here = (await get("namespace", "kube-system")).metadata.uid;
      await record(elsewhere);
    });
    after(() => record(here));

    it("stops the preview, which tells both by the UID of kube-system", async () => {
      const said = await refused(stack);
      assert.match(said, new RegExp(`last up, kube-system ${elsewhere}, got ${here}`));
      assert.match(said, new RegExp(`set cluster\\.uid to ${here}`));
    });

    it("is taken when its UID is set", async () => {
      stack.set("https-edge:cluster.uid", here);
      await stack.succeed("preview", "--expect-no-changes");
      await stack.succeed("config", "rm", "https-edge:cluster");
    });
  });

  describe("whose CRDs somebody else has changed", () => {
    const name = "gateways.gateway.networking.k8s.io";
    const annotation = "gateway.networking.k8s.io/bundle-version";
    const annotate = (version: string) =>
      output(["kubectl", "annotate", "--overwrite", "crd", name, `${annotation}=${version}`]);
    const label = (owner: string) => output(["kubectl", "label", "crd", name, owner]);
    let version = "";
    before(async () => {
      const { metadata } = JSON.parse(await output(["kubectl", "get", "crd", name, "-o", "json"])) as {
        metadata: { annotations: Record<string, string> };
      };
      version = metadata.annotations[annotation] ?? "";
    });

    it("asks for a decision when they are newer, and takes them as they stand on request", async () => {
      await annotate("v1.9.0");
      try {
        assert.match(
          await refused(stack),
          new RegExp(
            `CRD ${name} must be no newer than v\\d+\\.\\d+\\.\\d+, got v1\\.9\\.0, standard, of pulumi \\(the Gateway API refuses older CRDs: choose versions that go with it, or set crds\\.existing`,
          ),
        );
        stack.set("https-edge:crds.existing", "true");
        const { code, output: said } = await stack.run("preview");
        assert.equal(code, 0, said);
        await stack.succeed("config", "rm", "https-edge:crds");
      } finally {
        await annotate(version);
      }
    });

    it("names Flux where Flux manages them", async () => {
      await output(["kubectl", "label", "crd", name, "app.kubernetes.io/part-of=platform", "--overwrite"]);
      await label("kustomize.toolkit.fluxcd.io/name=crds");
      try {
        assert.match(await refused(stack), /got one of Flux Kustomization .*crds/);
      } finally {
        await label("kustomize.toolkit.fluxcd.io/name-");
        await output(["kubectl", "label", "crd", name, "app.kubernetes.io/part-of=https-edge", "--overwrite"]);
      }
      await stack.succeed("preview", "--expect-no-changes");
    });
  });

  it(`serves ${domain} all the while`, serving);
});
