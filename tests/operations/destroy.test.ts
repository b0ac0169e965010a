import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../components/standing/connection";
import { until } from "../../lab";
import { lettingChallengesGo } from "../../operations/cloudflare";
import { type DestroyOptions, destroy } from "../../operations/destroy";
import { CommandError } from "../../operations/exit";
import { withApi } from "../support/cloudflareApi";
import { kubeconfig, kubeconfigFor, put, requests, stand, standingAt, uid } from "../support/cluster";
import { saying } from "../support/command";
import { FakePulumi } from "../support/pulumi";
import { atCloudflare, owner, releaseUrn, secret, stateOf } from "../support/stackState";

const clone = join(__dirname, "..", "..");
const own = { "https-edge/stack": owner };
const helm = (name: string, namespace: string) => ({
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace },
});

const at = {
  class: "/apis/gateway.networking.k8s.io/v1/gatewayclasses/eg",
  gateway: "/apis/gateway.networking.k8s.io/v1/namespaces/envoy-gateway/gateways/eg",
  shop: "/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways/shop",
  challenge: "/apis/acme.cert-manager.io/v1/namespaces/envoy-gateway/challenges/wildcard-1",
  shopChallenge: "/apis/acme.cert-manager.io/v1/namespaces/shop/challenges/shop-1",
  namespace: "/api/v1/namespaces/envoy-gateway",
  controller: "/apis/apps/v1/namespaces/envoy-gateway-system/deployments/envoy-gateway",
  manager: "/apis/apps/v1/namespaces/cert-manager/deployments/cert-manager",
  webhookPod: "/apis/apps/v1/namespaces/cert-manager/deployments/cert-manager-webhook",
  record: "/api/v1/namespaces/envoy-gateway-system/secrets/sh.helm.release.v1.eg.v1",
  managerRecord: "/api/v1/namespaces/cert-manager/secrets/sh.helm.release.v1.cert-manager.v1",
  role: "/apis/rbac.authorization.k8s.io/v1/clusterroles/eg-gateway-helm-envoy-gateway-role",
  managerRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles/cert-manager-edit",
  otherRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles/eg-of-another",
  webhook: "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/cert-manager-webhook",
};
type Part = keyof typeof at;

const finalizer = "gateway-exists-finalizer.gateway.networking.k8s.io";
const acmeFinalizer = "acme.cert-manager.io/finalizer";

/** Each part of a cluster with an edge that is whole. */
const whole: Partial<Record<Part, { metadata?: object; [key: string]: unknown }>> = {
  class: { metadata: { labels: own, finalizers: [finalizer] } },
  gateway: { metadata: { namespace: "envoy-gateway", labels: own }, spec: { gatewayClassName: "eg" } },
  namespace: { metadata: { labels: own } },
  challenge: { metadata: { namespace: "envoy-gateway", finalizers: [acmeFinalizer] } },
  controller: {
    metadata: {
      namespace: "envoy-gateway-system",
      labels: { "control-plane": "envoy-gateway", "app.kubernetes.io/instance": "eg" },
    },
    status: { readyReplicas: 1 },
  },
  manager: {
    metadata: {
      namespace: "cert-manager",
      labels: {
        "app.kubernetes.io/name": "cert-manager",
        "app.kubernetes.io/component": "controller",
        "app.kubernetes.io/instance": "cert-manager",
      },
    },
    status: { readyReplicas: 1 },
  },
  webhookPod: {
    metadata: {
      namespace: "cert-manager",
      labels: { "app.kubernetes.io/name": "webhook", "app.kubernetes.io/component": "webhook" },
    },
    status: { readyReplicas: 1 },
  },
  record: { metadata: { labels: { owner: "helm", name: "eg" } } },
  managerRecord: { metadata: { labels: { owner: "helm", name: "cert-manager" } } },
  role: { metadata: helm("eg", "envoy-gateway-system") },
  managerRole: { metadata: helm("cert-manager", "cert-manager") },
  otherRole: { metadata: helm("eg", "elsewhere") },
  webhook: { metadata: helm("cert-manager", "cert-manager") },
};

/** Fills the cluster with an edge that is whole, but for what is changed in it or, when undefined, missing. */
const standWith = (changes: typeof whole = {}): void => {
  stand();
  for (const [part, object] of Object.entries({ ...whole, ...changes })) {
    const path = at[part as Part];
    if (object) put(path, { ...object, metadata: { name: path.split("/").pop(), uid, ...object.metadata } });
  }
};

describe("https-edge destroy", () => {
  let pulumi: FakePulumi;
  beforeEach(async () => {
    pulumi = new FakePulumi(stateOf({ kubeconfig: secret(await kubeconfig()) }));
  });
  afterEach(() => {
    pulumi.remove();
    stand();
  });

  const run = (options: Partial<DestroyOptions> = {}) =>
    saying(() => destroy({ stack: "prod", yes: true, flags: [], ...options }));
  const changes = () => requests().filter((request) => !request.startsWith("GET"));
  const destroys = () => pulumi.calls.filter((call) => call.startsWith("destroy"));

  it("runs pulumi destroy with the options that it was given, and ends as that does", async () => {
    standWith();
    pulumi.write("code", "10");
    const { code, said } = await run({ flags: ["--remove", "--parallel", "4"] });
    assert.equal(code, 10);
    assert.match(said, /^Nothing in cluster test at http:\S+ holds the destroy\.$/);
    assert.deepEqual(pulumi.calls, [
      "stack export --stack prod --show-secrets --non-interactive --color never",
      "destroy --stack prod --yes --remove --parallel 4",
    ]);
    assert.deepEqual(changes(), []);
  });

  it("runs it for a stack without an edge, too", async () => {
    pulumi.write("state", "{}");
    assert.match((await run()).said, /The stack holds no edge/);
    assert.equal(destroys().length, 1);
  });

  describe("stops before anything is changed", () => {
    const stops = async (message: RegExp, options: Partial<DestroyOptions> = {}): Promise<void> => {
      const { code, said } = await run(options);
      assert.equal(code, 20);
      assert.match(said, message);
      assert.match(said, /This holds the destroy; nothing was changed:/);
      assert.deepEqual(changes(), []);
      assert.deepEqual(destroys(), []);
    };

    it("at another's Gateway of the edge's class, naming its holder, and passes Gateways of other classes", async () => {
      standWith({
        controller: undefined, // so that something could be done
        shop: {
          metadata: { namespace: "shop", managedFields: [{ manager: "kubectl-create" }] },
          spec: { gatewayClassName: "eg" },
        },
      });
      await stops(
        /Gateway shop\/shop must not be of .* GatewayClass eg, got one of whoever made it with kubectl-create/,
      );
      standWith({ shop: { metadata: { namespace: "shop" }, spec: { gatewayClassName: "other" } } });
      assert.equal((await run()).code, 0);
    });

    it("in another cluster, unless the setting or the option says that the edge is there", async () => {
      standWith();
      const { deployment } = stateOf({ kubeconfig: secret(await kubeconfig()) });
      const recorded = JSON.stringify({ deployment }).replaceAll(uid, "00000000-0000-0000-0000-000000000000");
      pulumi.write("state", recorded);
      await stops(/the cluster must be the one of this stack's last up, kube-system 00000000-\S+, got 5c1d8f0e-/);
      assert.equal((await run({ uid })).code, 0);
      pulumi.write("uid", `${uid}\n`);
      assert.equal((await run()).code, 0);
    });

    it("while a controller that must take a finalizer off is there and has no pod", async () => {
      standWith({ controller: { ...whole.controller, status: {} } });
      await stops(
        /GatewayClass eg must lose finalizer \S+ by Envoy Gateway, got no ready pod of Deployment envoy-gateway-system\/envoy-gateway/,
      );
    });

    it("at a release that runs without Helm's record", async () => {
      standWith({ record: undefined });
      await stops(/Helm release envoy-gateway-system\/eg must have Helm's record, got none, while Deployment/);
    });
  });

  for (const [how, server] of [
    ["does not answer", () => kubeconfigFor(1)],
    ["is not in the kubeconfig", () => "/nowhere/config"],
  ] as const)
    it(`stops with a code of its own when the cluster ${how}`, async () => {
      pulumi.write("state", JSON.stringify(stateOf({ kubeconfig: secret(server()) })));
      await assert.rejects(run(), (error: unknown) => {
        assert.ok(error instanceof CommandError);
        assert.equal(error.code, 21);
        assert.match(error.message, /; nothing was changed \(if the cluster is gone for good/);
        return true;
      });
      assert.deepEqual(destroys(), []);
    });

  it("takes the class's finalizer off when Envoy Gateway is gone, says so, and goes on", async () => {
    standWith({ controller: undefined });
    const { code, said } = await run();
    assert.equal(code, 0);
    assert.match(
      said,
      new RegExp(`GatewayClass eg: finalizer ${finalizer} is taken off, as Envoy Gateway, which should`),
    );
    assert.deepEqual(changes(), [`PATCH ${at.class}`]);
    assert.deepEqual(standingAt(at.class), {
      metadata: { name: "eg", uid, labels: own, finalizers: [] },
    });
    assert.equal(destroys().length, 1);
  });

  it("leaves finalizers of other controllers, and other classes, alone", async () => {
    standWith({ controller: undefined, class: { metadata: { labels: own, finalizers: ["other/one", finalizer] } } });
    await run();
    const { metadata } = standingAt(at.class) as { metadata: { finalizers: string[] } };
    assert.deepEqual(metadata.finalizers, ["other/one"]);

    standWith({ controller: undefined, class: { metadata: { finalizers: [finalizer] } } });
    await run();
    assert.deepEqual(changes(), []);
  });

  for (const each of [acmeFinalizer, "finalizer.acme.cert-manager.io"])
    it(`takes ${each} off the edge's challenges when cert-manager is gone, and its webhook first`, async () => {
      const finalizers = [each];
      standWith({
        manager: undefined,
        webhookPod: undefined,
        challenge: { metadata: { namespace: "envoy-gateway", finalizers } },
        shopChallenge: { metadata: { namespace: "shop", finalizers: [each] } },
      });
      assert.equal((await run()).code, 0);
      assert.deepEqual(changes(), [`DELETE ${at.webhook}`, `PATCH ${at.challenge}`]);
    });

  it("keeps the webhook while a pod answers for it", async () => {
    standWith({ manager: undefined });
    await run();
    assert.deepEqual(changes(), [`PATCH ${at.challenge}`]);
  });

  it("lets go of a release whose namespace is gone, and deletes what it has left outside of it", async () => {
    standWith({ controller: undefined, record: undefined });
    const { said } = await run();
    assert.match(
      said,
      /ClusterRole eg-gateway-helm-\S+: is deleted, as Helm release envoy-gateway-system\/eg, which made/,
    );
    assert.deepEqual(changes(), [`DELETE ${at.role}`, `PATCH ${at.class}`]);
    const urn = releaseUrn("EnvoyGateway", "edge-envoy-gateway");
    assert.deepEqual(
      pulumi.calls.slice(1).map((call) => call.replace(" --non-interactive --color never", "")),
      [`refresh --stack prod --target ${urn} --yes --skip-preview`, "destroy --stack prod --yes"],
    );
  });

  it("deletes the webhook of a lost cert-manager before it takes finalizers off", async () => {
    standWith({ manager: undefined, webhookPod: undefined, managerRecord: undefined });
    await run();
    assert.deepEqual(changes(), [`DELETE ${at.webhook}`, `DELETE ${at.managerRole}`, `PATCH ${at.challenge}`]);
  });

  it("tells what a namespace waits for that is being deleted already", async () => {
    const message = "Some content in the namespace has finalizers remaining: example.com/one in 1 resource instances";
    standWith({
      namespace: {
        metadata: { labels: own },
        status: { conditions: [{ type: "NamespaceFinalizersRemaining", status: "True", message }] },
      },
    });
    const { code, said } = await run();
    assert.equal(code, 0);
    assert.ok(said.includes(`Namespace envoy-gateway is being deleted already, and waits: ${message}`), said);
  });

  it("with --preview-only changes nothing, whatever it finds", async () => {
    standWith({ controller: undefined, record: undefined });
    const { code, said } = await run({ previewOnly: true });
    assert.equal(code, 0);
    assert.match(said, /finalizer \S+ is taken off/);
    assert.deepEqual(changes(), []);
    assert.deepEqual(pulumi.calls.length, 1);
  });

  it("with --json tells its findings as JSON alone", async () => {
    standWith({ controller: undefined });
    const { said } = await run({ json: true, previewOnly: true });
    const { edges } = JSON.parse(said);
    assert.match(edges[0].cluster, /^test at http:/);
    assert.deepEqual(
      edges[0].findings.map(({ effect, object }: { effect: string; object: string }) => [effect, object]),
      [["cured", "GatewayClass eg"]],
    );
    assert.doesNotMatch(said, /kubeconfig|current-context/);
  });

  const state = async () => {
    const { deployment, ...rest } = stateOf({ kubeconfig: secret(await kubeconfig()) });
    return { ...rest, deployment: { resources: [...deployment.resources, ...atCloudflare] } };
  };

  describe("where something is gone at Cloudflare, which the provider cannot delete", () => {
    const [record] = atCloudflare;
    const gone = "/zones/z1/dns_records/r1";
    const found = { status: 404, errors: [{ code: 81044, message: "Record does not exist." }] };
    const asked = (more: Partial<DestroyOptions> = {}) =>
      withApi(
        () => run(more),
        ({ path }) => (path === gone ? found : { result: {} }),
      );
    beforeEach(async () => {
      standWith();
      pulumi.write("state", JSON.stringify(await state()));
      pulumi.write("config", JSON.stringify({ "cloudflare:apiToken": { value: "deploying" } }));
    });

    it("has the stack let go of that first, and of nothing else", async () => {
      const { code, said } = await asked();
      assert.equal(code, 0, said);
      assert.ok(
        said.includes("  DnsRecord example.com A 203.0.113.1: the stack lets go of it, as it is gone at Cloudflare"),
        said,
      );
      const changes = pulumi.calls.filter((call) => /^(refresh|destroy) /.test(call));
      assert.deepEqual(changes, [
        `refresh --yes --skip-preview --target ${record?.urn} --stack prod`,
        "destroy --stack prod --yes",
      ]);
    });

    it("tells the same as JSON, and changes nothing with --preview-only", async () => {
      const { said } = await asked({ previewOnly: true, json: true });
      assert.deepEqual(JSON.parse(said).gone, ["DnsRecord example.com A 203.0.113.1"]);
      assert.deepEqual(
        pulumi.calls.filter((call) => /^(refresh|destroy) /.test(call)),
        [],
      );
    });
  });

  describe("with --without-cloudflare", () => {
    const names = ["DnsRecord example.com A 203.0.113.1", "AccountToken https-edge prod 1a2b"];

    it("names what stays there, and has Pulumi leave that and nothing else", async () => {
      standWith();
      const { version, deployment } = await state();
      pulumi.write("state", JSON.stringify({ version, deployment }));
      const { code, said } = await run({ withoutCloudflare: true });
      assert.equal(code, 0);
      for (const name of names) assert.ok(said.includes(`  ${name} (delete it there when you can)`), said);
      const there = deployment.resources.filter((each) => !atCloudflare.some(({ urn }) => urn === each.urn));
      const resources = [...there, ...atCloudflare.map((each) => ({ ...each, retainOnDelete: true }))];
      assert.deepEqual(pulumi.imported, { version, deployment: { resources } });
      const [, exported] = pulumi.calls;
      assert.equal(exported, "stack export --stack prod --non-interactive --color never", "secrets stay encrypted");
      assert.equal(destroys().length, 1);
    });

    it("tells the same as JSON, and changes nothing with --preview-only", async () => {
      standWith();
      pulumi.write("state", JSON.stringify(await state()));
      const { said } = await run({ withoutCloudflare: true, previewOnly: true, json: true });
      assert.deepEqual(JSON.parse(said).left, names);
      assert.equal(pulumi.imported, undefined);
      assert.deepEqual(destroys(), []);
    });

    it("asks first", async () => {
      standWith();
      pulumi.write("state", JSON.stringify(await state()));
      await assert.rejects(
        run({ withoutCloudflare: true, yes: false }),
        /--yes must be given where nobody can be asked/,
      );
      assert.equal(pulumi.imported, undefined);
    });

    it("takes cert-manager's finalizer off the edge's challenges, but not before they are being deleted", async () => {
      const going = { finalizers: [acmeFinalizer, "other/one"], deletionTimestamp: "2026-11-27T12:00:00Z" };
      standWith({
        challenge: { metadata: { namespace: "envoy-gateway", finalizers: [acmeFinalizer] } },
        shopChallenge: { metadata: { namespace: "shop", ...going } },
      });
      const said: string[] = [];
      const cluster = connect({ kubeconfig: await kubeconfig() });
      const listed = () => requests().filter((request) => request.includes("/challenges")).length;
      await lettingChallengesGo(
        [{ cluster, namespaces: ["envoy-gateway"] }],
        (line) => said.push(line),
        async () => {
          await until("a look", async () => listed() > 0);
          assert.deepEqual(changes(), []);
          standWith({ challenge: { metadata: { namespace: "envoy-gateway", ...going } } });
          await until("the finalizer's end", async () => said.length > 0);
        },
      );
      assert.deepEqual(changes(), [`PATCH ${at.challenge}`]);
      const { metadata } = standingAt(at.challenge) as { metadata: { finalizers: string[] } };
      assert.deepEqual(metadata.finalizers, ["other/one"]);
      assert.match(said.join(), /^Challenge envoy-gateway\/wildcard-1: finalizer acme\S+ is taken off, as its record/);
    });
  });

  it("mends a stack's file that a killed Pulumi left unreadable, and nothing beside it", async () => {
    standWith();
    const stacks = ".pulumi/stacks/edges";
    const empty = pulumi.write(`${stacks}/prod.json.attrs`, "");
    const others = [
      pulumi.write(`${stacks}/prod.json`, "{}"),
      pulumi.write(`${stacks}/staging.json.attrs`, ""),
      pulumi.write(".pulumi/stacks/others/prod.json.attrs", ""),
    ];
    const { code, said } = await run();
    assert.equal(code, 0);
    assert.match(said, /^Deleted the empty \S+\/edges\/prod\.json\.attrs, which a killed Pulumi left/);
    assert.ok(!existsSync(empty));
    for (const other of others) assert.ok(existsSync(other), other);
  });

  it("tells Pulumi's own error when the state cannot be read", async () => {
    pulumi.write("pulumi", "#!/bin/sh\necho \"error: no stack named 'prod' found\" >&2\nexit 6\n");
    await assert.rejects(run(), (error: unknown) => {
      assert.ok(error instanceof CommandError);
      assert.deepEqual([error.message, error.code], ["no stack named 'prod' found", 6]);
      return true;
    });
  });

  describe("as a command", () => {
    const command = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
      new Promise((resolve) => {
        const program = ["--import", "tsx", join(clone, "operations", "main.ts")];
        const options = { cwd: clone };
        const child = execFile(process.execPath, [...program, ...args], options, (error, stdout, stderr) =>
          resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
        );
        child.stdin?.end();
      });

    it("passes on whatever it does not know, and finds the project by -C", async () => {
      standWith();
      const { code, stderr } = await command(
        ...["destroy", "-C", pulumi.directory, "--remove", "-s", "prod", "-y", "--parallel", "4"],
      );
      assert.equal(code, 0, stderr);
      assert.deepEqual(destroys(), ["destroy --stack prod --yes --remove --parallel 4"]);
    });

    it("does nothing that it could not ask for", async () => {
      standWith({ controller: undefined });
      const { code, stdout, stderr } = await command("destroy", "-C", pulumi.directory, "-s", "prod");
      assert.equal(code, 2);
      assert.match(stdout, /finalizer \S+ is taken off/);
      assert.match(stderr, /^error: --yes must be given where nobody can be asked/);
      assert.deepEqual([...changes(), ...destroys()], []);
    });

    it("says in one line what is wrong, and what it could be", async () => {
      pulumi.write("state", JSON.stringify(stateOf({ kubeconfig: secret(kubeconfigFor(1)) })));
      const { code, stderr } = await command("destroy", "-C", pulumi.directory, "-s", "prod");
      assert.equal(code, 21);
      assert.match(stderr, /^error: cluster test at http:\/\/127\.0\.0\.1:1 must answer, got .*\n$/);
      assert.equal((await command("destory")).code, 2);
      assert.match((await command("destroy", "--help")).stdout, /Exit codes:/);
    });
  });
});
