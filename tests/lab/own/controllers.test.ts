import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import {
  envoyGatewayFile,
  gatewayApiFile,
  safeUpgradePolicyName,
  versionSets,
} from "../../../components/rules/versions";
import { ask, output, rootOf, startLoad, until } from "../../../lab";
import { mintedTokens } from "../support/cloudflare";
import { apply, list, names, remove } from "../support/cluster";
import { preview, Stack, shortWait } from "../support/stack";

const set = versionSets.current;
const crdFiles = [gatewayApiFile(set), envoyGatewayFile(set)].flatMap(({ locations }) => locations);

/** As a platform team installs them: in namespaces, by releases and with a class of names of its own. */
const releases = [
  {
    name: "certs",
    namespace: "platform-certs",
    chart: "oci://quay.io/jetstack/charts/cert-manager",
    flags: ["--version", `v${set.certManager}`, "--set", "crds.enabled=true"],
  },
  {
    name: "gateways",
    namespace: "platform-gateways",
    chart: "oci://docker.io/envoyproxy/gateway-helm",
    flags: ["--version", `v${set.envoyGateway}`, "--skip-crds"],
  },
];
const [{ namespace: certificates = "" } = {}, { namespace: gateways = "" } = {}] = releases;
const gatewayClass = "platform";
const settings = {
  crds: { existing: true },
  certManager: { existing: true, namespace: certificates },
  envoyGateway: { existing: true, namespace: gateways, gatewayClass },
};

const rehearsed = "whoami.staging.example.com";
const served = "whoami.example.com";

/** Takes all CRDs away, which a destroyed edge leaves in the cluster, and the policy that guards them. */
const withoutCrds = async (): Promise<void> => {
  const left = await names("customresourcedefinitions");
  if (left.length > 0) await output(["kubectl", "delete", "customresourcedefinitions", ...left]);
  for (const kind of ["validatingadmissionpolicy", "validatingadmissionpolicybinding"])
    await output(["kubectl", "delete", kind, safeUpgradePolicyName, "--ignore-not-found"]);
};

describe("Edges on the controllers of a platform team", () => {
  let installed: string[];
  let staging: Stack;
  let prod: Stack;

  /** All that the team has made, each with what a change of it would change. */
  const theirs = async (): Promise<string[]> => {
    const kinds = ["deployments", "configmaps", "customresourcedefinitions", "gatewayclasses"];
    const all = (await Promise.all(kinds.map(list))).flat();
    return all
      .filter(({ kind, metadata: { namespace } }) => kind !== "ConfigMap" || namespace === gateways)
      .filter(({ metadata: { namespace } }) => namespace === undefined || namespace.startsWith("platform-"))
      .filter(({ metadata: { labels } }) => labels?.["app.kubernetes.io/managed-by"] !== "envoy-gateway")
      .map(({ kind, metadata: { uid, name }, spec, data }) => JSON.stringify({ kind, name, uid, spec, data }))
      .sort();
  };

  before(async () => {
    await withoutCrds();
    await output(["kubectl", "apply", "--server-side", ...crdFiles.flatMap((file) => ["-f", file])]);
    await Promise.all(
      releases.map(({ name, namespace, chart, flags }) =>
        output(["helm", "install", name, chart, ...flags, "-n", namespace, "--create-namespace", "--wait"]),
      ),
    );
    await apply({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: gatewayClass },
      spec: { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" },
    });
    installed = await theirs();
    staging = await Stack.create("staging", "tenantStaging");
    prod = await Stack.create("prod", "tenantProd");
    staging.set(...shortWait);
    prod.set(...shortWait);
    await staging.succeed("config", "set", "https-edge:name", "rehearsal");
  });
  after(async () => {
    await Promise.all([staging.destroy(), prod.destroy()]);
    await remove("gatewayclass", gatewayClass);
    for (const { name, namespace } of releases) {
      await output(["helm", "uninstall", name, "-n", namespace, "--wait"]);
      await remove("namespace", namespace);
    }
    // A hook of its chart has made it, so Helm leaves it.
    await remove("mutatingwebhookconfiguration", `envoy-gateway-topology-injector.${gateways}`);
    await withoutCrds();
  });

  it("are told where nothing says that the controllers stand, and make nothing", async () => {
    await staging.refuses(
      /cert-manager must be absent or .* got the CRDs of Helm release platform-certs\/certs .* set certManager\.existing to use that one/,
      preview,
    );
    assert.deepEqual(await mintedTokens(), []);
    assert.deepEqual(await theirs(), installed);
  });

  it("are put up one after the other, the rehearsal first, and serve with certificates of their own", async () => {
    for (const stack of [staging, prod]) {
      stack.setBlocks(settings);
      await stack.up();
    }
    const [rehearsal, production] = await Promise.all([
      until("the rehearsal", () => ask(rehearsed, { roots: [rootOf("staging")] })),
      until("production", () => ask(served, { roots: [rootOf("production")] })),
    ]);
    assert.deepEqual([rehearsal.status, production.status], [200, 200]);
    assert.deepEqual(await theirs(), installed);
  });

  it("find nothing to do afterwards", async () => {
    for (const stack of [staging, prod]) await stack.succeed("preview", "--expect-no-changes");
  });

  it("go without a failed request at the other one, and leave the team's own as it was", async () => {
    const load = startLoad(served, { roots: [rootOf("production")] });
    await staging.succeed("destroy", "--yes", "--skip-preview");
    const { requests, failures } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(requests > 20, `${requests} requests`);
    await prod.succeed("destroy", "--yes", "--skip-preview");
    assert.deepEqual(await theirs(), installed);
    assert.deepEqual(await mintedTokens(), []);
    const left = (await names("namespaces")).filter((name) => !/^(default|kube-|platform-)/.test(name));
    assert.deepEqual(left, []);
  });
});
