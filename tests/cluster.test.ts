import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { HttpsEdgeArgs } from "../components";
import { giveServices, kubeconfig, kubeconfigFor, requests, serviceCidr, stand, uid } from "./support/cluster";
import { types } from "./support/deploy";
import { deployEdge } from "./support/edge";

const stack = "acme.https-edge.test.edge";
const path = {
  whoami: "/api/v1/namespaces/whoami",
  certManager: "/api/v1/namespaces/cert-manager",
  staging: "/apis/cert-manager.io/v1/clusterissuers/letsencrypt-staging",
  gatewayClass: "/apis/gateway.networking.k8s.io/v1/gatewayclasses/eg",
  certificates: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/certificates.cert-manager.io",
  hosts: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/https-edge-eg-hosts",
  safeUpgrades:
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/safe-upgrades.gateway.networking.k8s.io",
  gateways: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.gateway.networking.k8s.io",
  pending: "/api/v1/namespaces/cert-manager/secrets/sh.helm.release.v1.cert-manager.v1",
};
const own = { "https-edge/stack": stack };

/** What stands, as [path, metadata]. */
const standing = (...objects: [string, object][]) =>
  stand(Object.fromEntries(objects.map(([at, metadata]) => [at, { name: at.split("/").pop(), ...metadata }])));

/** The message with which an edge is refused. */
const refused = async (args: Partial<HttpsEdgeArgs> = {}, preview = false): Promise<string> => {
  let message = "";
  await assert.rejects(deployEdge({ whoami: {}, ...args }, { preview }), (error: Error) => {
    message = error.message;
    return true;
  });
  return message;
};

describe("The cluster", () => {
  afterEach(() => stand());

  it("is looked at before anything is made, and every object of the edge then carries the stack's label", async () => {
    const { resources } = await deployEdge({ landing: {}, whoami: {} });
    const labelled = resources.filter(({ inputs }) => {
      const { labels } = (inputs.metadata ?? {}) as { labels?: Record<string, string> };
      return labels?.["https-edge/stack"] === stack;
    });
    const crds = "https-edge:index:Crds";
    assert.deepEqual(
      labelled.map(({ type, name }) => `${type} ${name}`).sort(),
      resources
        .filter(({ type, parent }) => type.startsWith("kubernetes:") && type !== types.release && parent?.[0] !== crds)
        .map(({ type, name }) => `${type} ${name}`)
        .sort(),
    );
    for (const at of [path.whoami, path.certManager, path.staging, path.gatewayClass, path.gateways, path.hosts])
      assert.ok(requests().includes(`GET ${at}`), at);
  });

  it("is one provider's, which the edge makes from the connection", async () => {
    const deployment = await deployEdge();
    const { kubeconfig, ...inputs } = deployment.only(types.kubernetes).inputs;
    assert.match(String(kubeconfig), /current-context: test/);
    assert.deepEqual(inputs, {
      clusterIdentifier: "https-edge",
      // Providers take their inputs as JSON text.
      enableSecretMutable: "true",
      upsertExistingObjects: "true",
    });
  });

  it("with somebody else's objects is refused, each holder named, and nothing is made", async () => {
    standing(
      [
        path.whoami,
        { managedFields: [{ manager: "a-controller", subresource: "status" }, { manager: "kubectl-create" }] },
      ],
      [
        path.staging,
        { annotations: { "meta.helm.sh/release-name": "issuers", "meta.helm.sh/release-namespace": "ops" } },
      ],
      [
        path.gatewayClass,
        { labels: { "kustomize.toolkit.fluxcd.io/name": "edge", "kustomize.toolkit.fluxcd.io/namespace": "flux" } },
      ],
    );
    const made: string[] = [];
    const outputs = ({ type, name }: { type: string; name: string }) => {
      if (!/^(https-edge|pulumi):/.test(type)) made.push(name);
      return undefined;
    };
    await assert.rejects(deployEdge({ whoami: {} }, { outputs }), ({ message }: Error) => {
      const [first, ...lines] = message.split("\n");
      assert.match(first ?? "", /^Cluster test at http:\S+ is not free for this edge; nothing was changed:$/);
      assert.deepEqual(lines.map((line) => line.trim().replace(/ \(.*/, "")).sort(), [
        "ClusterIssuer letsencrypt-staging must be absent or this stack's own, got one of Helm release ops/issuers",
        "GatewayClass eg must be absent or this stack's own, got one of Flux Kustomization flux/edge",
        "Namespace whoami must be absent or this stack's own, got one of whoever made it with kubectl-create",
      ]);
      return true;
    });
    assert.deepEqual(made, []);
  });

  it("with a policy of the edge's name is refused, while the one that all share is nobody's", async () => {
    standing(
      [path.hosts, { managedFields: [{ manager: "kubectl" }] }],
      [path.safeUpgrades, { managedFields: [{ manager: "kubectl" }] }],
    );
    const lines = (await refused()).split("\n").filter((line) => / must /.test(line));
    assert.deepEqual(
      lines.map((line) => line.trim().replace(/ \(.*/, "")),
      [
        "ValidatingAdmissionPolicy https-edge-eg-hosts must be absent or this stack's own, got one of whoever made it with kubectl",
      ],
    );
  });

  it("with another stack's edge is refused, in a preview too, naming that stack", async () => {
    standing([path.certManager, { labels: { "https-edge/stack": "acme.https-edge.prod.edge" } }]);
    for (const preview of [true, false])
      assert.match(
        await refused({}, preview),
        /Namespace cert-manager .* got one of stack acme\.https-edge\.prod\.edge \(this is acme\.https-edge\.test\.edge/,
      );
  });

  it("with what an interrupted run of the same stack left is taken over", async () => {
    standing([path.whoami, { labels: own }], [path.certManager, { labels: own }]);
    const deployment = await deployEdge({ whoami: {} });
    assert.ok(deployment.only(types.namespace, "edge-whoami"));
  });

  it("has a Helm release left pending of the same stack forgotten, and only in an up", async () => {
    const objects: [string, object][] = [
      [path.certManager, { labels: own }],
      [path.pending, { labels: { owner: "helm", name: "cert-manager", status: "pending-install" } }],
    ];
    standing(...objects);
    await deployEdge({}, { preview: true });
    assert.deepEqual(
      requests().filter((each) => each.startsWith("DELETE")),
      [],
    );
    await deployEdge();
    assert.deepEqual(
      requests().filter((each) => each.startsWith("DELETE")),
      [`DELETE ${path.pending}`],
    );
  });

  it("with a cert-manager in another namespace is refused", async () => {
    const annotations = { "meta.helm.sh/release-name": "cm", "meta.helm.sh/release-namespace": "platform" };
    standing([path.certificates, { annotations }]);
    assert.match(await refused(), /got the CRDs of Helm release platform\/cm/);
  });

  it("with cert-manager's CRDs of an uninstalled release of the usual name is free", async () => {
    const annotations = {
      "meta.helm.sh/release-name": "cert-manager",
      "meta.helm.sh/release-namespace": "cert-manager",
    };
    standing([path.certificates, { annotations }]);
    await deployEdge();
  });

  const bundle = (version: string, channel = "standard") => ({
    "gateway.networking.k8s.io/bundle-version": version,
    "gateway.networking.k8s.io/channel": channel,
  });
  for (const [what, metadata] of [
    ["older", { annotations: bundle("v1.2.1") }],
    ["the same", { annotations: bundle("v1.6.3") }],
  ] as const)
    it(`has ${what} CRDs of the standard channel raised`, async () => {
      standing([path.gateways, metadata]);
      await deployEdge();
    });
  for (const [what, metadata, message] of [
    [
      "newer",
      { annotations: bundle("v1.7.0") },
      /must be no newer than v1\.6\.3, got v1\.7\.0, standard, of nobody known \(the Gateway API refuses older CRDs/,
    ],
    [
      "experimental",
      { annotations: bundle("v1.6.3", "experimental"), managedFields: [{ manager: "kubectl" }] },
      /got v1\.6\.3, experimental, of whoever made it with kubectl \(set crds\.existing/,
    ],
    [
      "somebody's",
      { annotations: bundle("v1.4.0"), labels: { "objectset.rio.cattle.io/owner-name": "traefik-crd" } },
      /got one of k3s or Rancher \(traefik-crd\) \(v1\.4\.0, standard\) \(set crds\.existing/,
    ],
  ] as const)
    it(`with ${what} CRDs asks for a decision`, async () => {
      standing([path.gateways, metadata]);
      assert.match(await refused(), message);
    });

  it("whose CRDs are used as they stand must have them all, new enough", async () => {
    assert.match(
      await refused({ crds: { existing: true } }),
      /crds\.existing must find every CRD of gateway\.networking\.k8s\.io/,
    );
  });

  describe("with Services of certain IP families", () => {
    const ranges = (...cidrs: string[]) => serviceCidr("kubernetes", ...cidrs);
    for (const [what, given, stands] of [
      ["both families", "DualStack", [ranges("10.96.0.0/16", "fd00:10:96::/112")]],
      [
        "a range of the other family added",
        "DualStack",
        [serviceCidr("a", "fd00:10:96::/112"), ranges("10.96.0.0/16")],
      ],
      ["no ServiceCIDRs, as before Kubernetes 1.33", "DualStack", []],
    ] as const)
      it(`accepts gateway.ipFamily ${given} with ${what}`, async () => {
        stand();
        giveServices("10.96.0.1", ...stands);
        await deployEdge({ gateway: { ipFamily: given } });
      });

    for (const [what, ipFamily, address, stands, message] of [
      [
        "a family that it lacks",
        "DualStack",
        "10.96.0.1",
        [ranges("10.96.0.0/16"), serviceCidr("more", "10.97.0.0/16")],
        "gateway.ipFamily must be IPv4, got DualStack (Services of this cluster have addresses of 10.96.0.0/16)",
      ],
      [
        "none, where Envoy would listen on another than the cluster's first",
        undefined,
        "fd00:10:96::1",
        [serviceCidr("a", "10.96.0.0/16"), ranges("fd00:10:96::/112")],
        "gateway.ipFamily must be IPv6 or DualStack, got nothing (Services of this cluster have addresses of fd00:10:96::/112 and 10.96.0.0/16, and without the setting Envoy listens on IPv4 alone)",
      ],
      [
        "another than the first, which an older one tells alone",
        "IPv4",
        "fd00:10:96::1",
        [],
        "gateway.ipFamily must be IPv6 or DualStack, got IPv4 (Services of this cluster have addresses of fd00:10:96::1)",
      ],
    ] as const)
      it(`refuses ${what}, in a preview too`, async () => {
        for (const preview of [true, false]) {
          stand();
          giveServices(address, ...stands);
          assert.ok((await refused({ gateway: { ipFamily } }, preview)).split("\n").includes(`  ${message}`));
        }
      });
  });

  describe("with PriorityClasses", () => {
    const name = "system-cluster-critical";
    const args = { gateway: { priorityClass: name }, controllers: { priorityClass: name } };

    it("accepts one that it has", async () => {
      stand({ [`/apis/scheduling.k8s.io/v1/priorityclasses/${name}`]: { name } });
      await deployEdge(args);
    });

    for (const setting of ["gateway.priorityClass", "controllers.priorityClass"])
      it(`refuses a ${setting} that it has not, since no pod of it would ever start`, async () => {
        stand();
        const message = `  ${setting} must name a PriorityClass of the cluster, got "${name}", which it does not have (make it first; kubectl get priorityclasses lists those that are there)`;
        assert.ok((await refused(args)).split("\n").includes(message));
      });
  });

  it("that is another than the recorded one is refused, unless its UID is set", async () => {
    const outputs = ({ name }: { name: string }) =>
      name === "edge-cluster-uid" ? { output: "00000000-0000-0000-0000-000000000000" } : undefined;
    await assert.rejects(
      deployEdge({}, { outputs }),
      /the cluster must be the one of this stack's last up, kube-system 00000000/,
    );
    await assert.rejects(deployEdge({}, { outputs, preview: true }), /set cluster\.uid to 5c1d8f0e/);
    await deployEdge({ cluster: { kubeconfig: await kubeconfig(), uid } }, { outputs });
  });

  it("that a stack was renamed on, or whose project moved, is still its own", async () => {
    standing([path.certManager, { labels: { "https-edge/stack": "before" } }]);
    const outputs = ({ name }: { name: string }) => (name === "edge-cluster-owner" ? { output: "before" } : undefined);
    await deployEdge({}, { outputs });
  });

  it("that does not answer is a warning in a preview, and the end of an up before anything is made", async () => {
    const cluster = { kubeconfig: kubeconfigFor(1) };
    await deployEdge({ cluster }, { preview: true });
    assert.match(
      await refused({ cluster }),
      /^cluster test at http:\/\/127\.0\.0\.1:1 must answer, got .*ECONNREFUSED/,
    );
  });

  it("is looked at in an up, also where the kubeconfig turns out to have no value", async () => {
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = "/nowhere/config";
    try {
      const kubeconfig = pulumi.output(undefined as unknown as string);
      assert.match(
        await refused({ cluster: { kubeconfig } }),
        /^the kubeconfig must be readable, got \/nowhere\/config/,
      );
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  });

  it("must be one that the kubeconfig knows, in a preview as well", async () => {
    const cluster = { kubeconfig: kubeconfigFor(1), context: "prod" };
    for (const preview of [true, false])
      assert.equal(
        await refused({ cluster }, preview),
        'the context must be one of the kubeconfig\'s, got "prod" (there are test)',
      );
    assert.match(
      await refused({ cluster: { kubeconfig: "/nowhere/config" } }),
      /^the kubeconfig must be readable|^a kubeconfig must be there/,
    );
  });
});
