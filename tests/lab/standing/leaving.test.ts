import assert from "node:assert/strict";
import { once } from "node:events";
import { rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { after, before, describe, it } from "mocha";
import { ask, clone, output, runDirectory, until } from "../../../lab";
import { mintedTokens, state } from "../support/cloudflare";
import { apply, get, names, remove } from "../support/cluster";
import { eventually } from "../support/eventually";
import { Stack, shortWait } from "../support/stack";

/** What of an edge is left in the cluster and at Cloudflare. */
const left = async (): Promise<string[]> => {
  const kinds = ["namespaces", "gatewayclasses", "clusterissuers", "clusterroles", "clusterrolebindings"];
  const webhooks = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];
  const found = await Promise.all(
    [...kinds, ...webhooks].map(async (kind) => (await names(kind)).map((name) => `${kind} ${name}`)),
  );
  return [
    ...found.flat().filter((each) => / (cert-manager|envoy-gateway|eg|letsencrypt)/.test(each)),
    ...(await state()).records.map(({ name }) => `record ${name}`),
    ...(await mintedTokens()).map(({ name }) => `token ${name}`),
  ];
};

const finalizersOf = async (kind: string, name: string, namespace?: string): Promise<string[]> =>
  (await get(kind, name, namespace)).metadata.finalizers ?? [];

describe("An edge that is taken away", () => {
  let stack: Stack;
  /** The kubeconfig whose path the stack's state has. */
  const kubeconfig = join(runDirectory, "leaving.kubeconfig");
  let here: string;
  before(async () => {
    here = await output(["kubectl", "config", "view", "--raw", "-o", "json"]);
    writeFileSync(kubeconfig, here, { mode: 0o600 });
    stack = await Stack.create("staging", "leaving", { KUBECONFIG: kubeconfig });
    await stack.leaveEarlierCrds();
    stack.set(...shortWait);
    stack.set("https-edge:acme.keepCertificates", "true");
    for (const key of ["whoami", "landing"]) await stack.succeed("config", "rm", `https-edge:${key}`);
    await stack.up();
  });
  after(() => stack.destroy());

  /** The command must stop with a code, and leave everything as it is. */
  const stops = async (code: number, message: RegExp): Promise<void> => {
    const ended = await stack.operation("destroy", "--yes");
    assert.equal(ended.code, code, ended.output);
    assert.match(ended.output, message);
  };
  const isUntouched = (): Promise<string> => stack.succeed("preview", "--expect-no-changes");

  /** Lets the kubeconfig lead to another server meanwhile. */
  const elsewhere = async (server: string, during: () => Promise<void>): Promise<void> => {
    const config = JSON.parse(here);
    config.clusters = config.clusters.map((each: object) => ({ ...each, cluster: { server } }));
    writeFileSync(kubeconfig, JSON.stringify(config));
    try {
      await during();
    } finally {
      writeFileSync(kubeconfig, here);
    }
  };

  const sealed = join(runDirectory, "edge.age");
  const key = join(runDirectory, "age.key");
  const backUp = async (): Promise<void> => {
    const identity = await generateX25519Identity();
    writeFileSync(key, identity, { mode: 0o600 });
    rmSync(sealed, { force: true });
    const recipient = await identityToRecipient(identity);
    const { code, output: said } = await stack.operation("backup", "--out", sealed, "--recipient", recipient);
    assert.equal(code, 0, said);
  };
  const putBack = async (): Promise<void> => {
    const command = [join(clone, "operations", "main.ts"), "restore", "--in", sealed, "--identity", key, "--yes"];
    await output([process.execPath, "--import", "tsx", ...command], { cwd: clone });
  };

  it("leaves what the CA has issued when it is asked to, and is put up again from a backup without an order", async () => {
    const domain = "staging.example.com";
    const serial = async (): Promise<string> => (await until("the certificate", () => ask(domain))).certificate.serial;
    const issued = await serial();
    await backUp();
    await stack.succeed("destroy", "--yes", "--skip-preview");
    assert.deepEqual(await left(), ["namespaces cert-manager", "namespaces envoy-gateway"]);
    await get("secret", "wildcard-staging-example-com-tls", "envoy-gateway");
    await get("secret", "letsencrypt-staging-account-key", "cert-manager");

    // As where the cluster is built anew, which has nothing of that.
    for (const namespace of ["cert-manager", "envoy-gateway"]) await remove("namespace", namespace);
    await putBack();
    stack.set("https-edge:acme.keepCertificates", "false");
    await stack.up();
    assert.equal(await serial(), issued);
    assert.deepEqual(await names("orders.acme.cert-manager.io"), []);
    await isUntouched();
  });

  it("stops at once at somebody's Gateway of its class, and names it", async () => {
    const listeners = [{ name: "http", protocol: "HTTP", port: 8080 }];
    await apply(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: { name: "shop", namespace: "shop" },
        spec: { gatewayClassName: "eg", listeners },
      },
    );
    try {
      await stops(
        20,
        /Gateway shop\/shop must not be of the edge's GatewayClass eg, got one of whoever made it with kubectl/,
      );
      await isUntouched();
    } finally {
      await remove("namespace", "shop");
    }
  });

  it("stops in another cluster, and where none answers", async () => {
    const other = "00000000-0000-4000-8000-000000000000";
    const server = createServer((request, response) => {
      const found = request.url === "/api/v1/namespaces/kube-system";
      response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify({ metadata: { name: "kube-system", uid: other } }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo; // listening on TCP
      const { uid } = (await get("namespace", "kube-system")).metadata;
      await elsewhere(`http://127.0.0.1:${port}`, () =>
        stops(20, new RegExp(`the cluster must be the one of this stack's last up, kube-system ${uid}, got ${other}`)),
      );
    } finally {
      server.close();
    }
    await elsewhere("https://127.0.0.1:1", () =>
      stops(
        21,
        /error: cluster \S+ at https:\/\/127\.0\.0\.1:1 must answer, got .*ECONNREFUSED.*; nothing was changed/,
      ),
    );
    await isUntouched();
  });

  it("is read again when a killed Pulumi has left its file's attributes empty", async () => {
    const { PULUMI_BACKEND_URL: backend = "" } = process.env;
    const file = `${backend.replace("file://", "")}/.pulumi/stacks/https-edge/${stack.name}.json.attrs`;
    assert.ok(statSync(file).size > 0);
    truncateSync(file);
    const { code, output: said } = await stack.run("preview");
    assert.notEqual(code, 0);
    assert.match(said, /error: failed to load checkpoint: EOF/);
    const mended = await stack.operation("mend");
    assert.equal(mended.code, 0, mended.output);
    assert.ok(mended.output.includes(`Deleted the empty ${file}`), mended.output);
    await stack.succeed("preview", "--expect-no-changes");
  });

  describe("when the namespaces of both controllers are gone already", () => {
    const challenge = { name: "pending", namespace: "envoy-gateway" };
    before(async () => {
      // cert-manager itself gives it its finalizer, and can do nothing more without the issuer.
      await apply({
        apiVersion: "acme.cert-manager.io/v1",
        kind: "Challenge",
        metadata: challenge,
        spec: {
          ...{
            type: "DNS-01",
            url: "https://example.com/1",
            authorizationURL: "https://example.com/2",
            token: "t",
            key: "k",
          },
          ...{ dnsName: "example.com", wildcard: false, issuerRef: { name: "nobody" }, solver: { dns01: {} } },
        },
      });
      await eventually("the challenge's finalizer", async () =>
        assert.deepEqual(await finalizersOf("challenge", challenge.name, challenge.namespace), [
          "acme.cert-manager.io/finalizer",
        ]),
      );
      for (const namespace of ["cert-manager", "envoy-gateway-system"]) await remove("namespace", namespace);
    });

    it("is given up by pulumi destroy after a minute, which names the finalizer", async () => {
      const { code, output: said } = await stack.run("destroy", "--yes", "--skip-preview");
      assert.notEqual(code, 0);
      assert.match(said, /finalizers might be preventing deletion \(gateway-exists-finalizer/);
    });

    it("is taken away by our command, which says what it does, and nothing is left", async () => {
      const { code, output: said } = await stack.operation("destroy", "--yes", "--skip-preview");
      assert.equal(code, 0, said);
      for (const line of [
        /GatewayClass eg: finalizer gateway-exists-finalizer\S+ is taken off, as Envoy Gateway, which should do it, is gone/,
        /Challenge envoy-gateway\/pending: finalizer acme\S+ is taken off, as cert-manager, which should do it, is gone/,
        /ClusterRole \S+: is deleted, as Helm release envoy-gateway-system\/eg, which made it, is gone/,
        /ValidatingWebhookConfiguration cert-manager-webhook: is deleted/,
      ])
        assert.match(said, line);
      assert.deepEqual(await left(), []);
    });
  });
});
