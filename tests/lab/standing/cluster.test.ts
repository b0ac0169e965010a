import assert from "node:assert/strict";
import { loadAll } from "js-yaml";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { envoyGatewayFile, gatewayApiFile, versionSets } from "../../../components/rules/versions";
import { output } from "../../../lab";
import { mintedTokens } from "../support/cloudflare";
import { apply, get, names, remove, silentKubeconfig } from "../support/cluster";
import { preview, Stack, upAlone } from "../support/stack";

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

/** A CRD, as far as it is changed here. */
interface Crd {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec: {
    versions: { schema: { openAPIV3Schema: { properties: { spec: { properties: Record<string, object> } } } } }[];
  };
}

/** The CRDs of release files, as they are published. */
const crdsOf = async (locations: string[]): Promise<Crd[]> => {
  const texts = await Promise.all(locations.map(async (location) => (await fetch(location)).text()));
  return texts.flatMap((text) => loadAll(text) as Crd[]).filter((each) => each?.kind === "CustomResourceDefinition");
};

/** By the server: a CRD is too long for the annotation in which kubectl would keep it. */
const applyCrds = (crds: Crd[]): Promise<string> =>
  output(["kubectl", "apply", "--server-side", "--filename=-"], {
    input: [JSON.stringify({ apiVersion: "v1", kind: "List", items: crds })],
  });

/** Takes away what edges of other tests have left for everybody. */
const withoutCrds = async (): Promise<void> => {
  const policy = "safe-upgrades.gateway.networking.k8s.io";
  for (const kind of ["validatingadmissionpolicybinding", "validatingadmissionpolicy"]) await remove(kind, policy);
  for (const name of await names("crd"))
    if (/\.gateway\.(networking\.k8s|envoyproxy)\.io$/.test(name)) await remove("crd", name);
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
      const says = /Namespace whoami must be absent or this stack's own, got one of whoever made it with kubectl/;
      await stack.refuses(says, preview, upAlone);
      await nothingWasMade();
      await stack.succeed("destroy", "--yes", "--skip-preview");
      assert.deepEqual((await get("configmap", precious.name, precious.namespace)).data, { treasure: "map" });
    });
  });

  describe("with the experimental channel of the Gateway API, and a route that uses it", () => {
    const group = "gateway.networking.k8s.io";
    const route = { name: "precious", namespace: "default" };
    const field = async (): Promise<unknown> => (await get("httproute", route.name, route.namespace)).spec?.[added];
    /** A field that the standard channel lacks: https://gateway-api.sigs.k8s.io/geps/gep-3793/ */
    const added = "useDefaultGateways";

    before(async () => {
      await withoutCrds();
      const crds = await crdsOf(gatewayApiFile(versionSets.current).locations);
      for (const { metadata, spec } of crds) {
        metadata.annotations = { ...metadata.annotations, [`${group}/channel`]: "experimental" };
        if (metadata.name !== `httproutes.${group}`) continue;
        for (const { schema } of spec.versions)
          schema.openAPIV3Schema.properties.spec.properties[added] = { type: "string" };
      }
      await applyCrds(crds);
      await apply({
        apiVersion: `${group}/v1`,
        kind: "HTTPRoute",
        metadata: route,
        spec: { hostnames: ["precious.example.com"], [added]: "All" },
      });
    });
    after(withoutCrds);

    it("asks for a decision, naming version, channel and manager, and takes no field away", async () => {
      const says =
        /CRD \S+\.gateway\.networking\.k8s\.io must be free to be raised to v\S+, standard channel, got v\S+, experimental, of whoever made it with kubectl \(set crds\.existing/;
      await stack.refuses(says, preview, upAlone);
      await nothingWasMade();
      assert.equal(await field(), "All");
    });

    it("uses them as they stand when that is decided, and misses those that are not there", async () => {
      stack.set("https-edge:crds.existing", "true");
      await stack.refuses(/crds\.existing must find every CRD of gateway\.envoyproxy\.io .* got none for /, preview);

      await applyCrds(await crdsOf(envoyGatewayFile(versionSets.current).locations));
      assert.doesNotMatch(await stack.succeed("preview"), /CustomResourceDefinition/);
    });
  });

  describe("that is the wrong one", () => {
    it("by a context that the kubeconfig does not have stops the preview", async () => {
      await stack.succeed("config", "set", "kubernetes:context", "nowhere");
      await stack.refuses(/the context must be one of the kubeconfig's, got "nowhere" \(there are /, preview);
    });

    it("by a kubeconfig that is not there stops the preview", async () => {
      const says = /the kubeconfig must be readable, got \/nowhere\/config: ENOENT/;
      await stack.with({ KUBECONFIG: "/nowhere/config" }).refuses(says, preview);
    });

    it("by not answering is a warning in the preview, and ends an up before anything is made", async () => {
      const silent = stack.with({ KUBECONFIG: await silentKubeconfig() });
      const { code, output: said } = await silent.run(...preview);
      assert.equal(code, 0, said);
      assert.match(said, /warning: cluster \S+ at https:\/\/127\.0\.0\.1:1 must answer, got .*ECONNREFUSED/);
      await silent.refuses(/error: cluster \S+ at https:\/\/127\.0\.0\.1:1 must answer/, upAlone);
      await nothingWasMade();
    });
  });
});
