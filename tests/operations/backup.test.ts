import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { type BackupOptions, backup } from "../../operations/backup";
import { type RestoreOptions, restore } from "../../operations/restore";
import { open } from "../../operations/sealed";
import { kubeconfig, put, requests, stand, standingAt } from "../support/cluster";
import { fails, saying } from "../support/command";
import { FakePulumi } from "../support/pulumi";
import { owner, secret, stateOf } from "../support/stackState";
import { healthyEdge } from "../support/standingEdge";

const at = {
  gateway: "/apis/gateway.networking.k8s.io/v1/namespaces/envoy-gateway/gateways/eg",
  certificate: "/apis/cert-manager.io/v1/namespaces/envoy-gateway/certificates/wildcard-example-com",
  issuer: "/apis/cert-manager.io/v1/clusterissuers/letsencrypt-prod",
  manager: "/apis/apps/v1/namespaces/cert-manager/deployments/cert-manager",
  namespace: "/api/v1/namespaces/envoy-gateway",
  managers: "/api/v1/namespaces/cert-manager",
  tls: "/api/v1/namespaces/envoy-gateway/secrets/wildcard-example-com",
  account: "/api/v1/namespaces/cert-manager/secrets/letsencrypt-prod-account-key",
};
const own = { "https-edge/stack": owner };
const tls = { "tls.crt": "Y2VydA==", "tls.key": "a2V5" };
const annotations = { "cert-manager.io/issuer-name": "letsencrypt-prod" };

describe("A backup of what the CA has given", () => {
  let pulumi: FakePulumi;
  let out: string;
  let identity: string;
  let recipient: string[];
  beforeEach(async () => {
    pulumi = new FakePulumi(stateOf({ kubeconfig: secret(await kubeconfig()) }));
    out = join(pulumi.directory, "edge.age");
    // Keys and not a passphrase, which takes seconds of work on purpose.
    const key = await generateX25519Identity();
    identity = pulumi.write("key.txt", `# created: today\n${key}\n`);
    recipient = [await identityToRecipient(key)];
    standWhole();
  });
  afterEach(() => {
    pulumi.remove();
    stand();
  });

  const standWhole = (): void => {
    stand();
    const { gateway, chain, issuers } = healthyEdge();
    const [issuer] = issuers;
    put(at.gateway, { ...gateway, metadata: { ...gateway.metadata, labels: own } });
    put(at.certificate, chain.certificates[0] ?? {});
    const acme = { ...issuer?.spec.acme, privateKeySecretRef: { name: "letsencrypt-prod-account-key" } };
    put(at.issuer, { ...issuer, spec: { acme } });
    const labels = { "app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller" };
    const args = ["--cluster-resource-namespace=$(POD_NAMESPACE)"];
    put(at.manager, {
      metadata: { name: "cert-manager", namespace: "cert-manager", labels },
      spec: { template: { spec: { containers: [{ args }] } } },
    });
    put(at.namespace, { metadata: { name: "envoy-gateway", uid: "1", labels: own } });
    put(at.managers, { metadata: { name: "cert-manager", uid: "2", labels: own } });
    put(at.tls, {
      metadata: { name: "wildcard-example-com", namespace: "envoy-gateway", uid: "3", annotations },
      type: "kubernetes.io/tls",
      data: tls,
    });
    put(at.account, {
      metadata: { name: "letsencrypt-prod-account-key", namespace: "cert-manager", uid: "4" },
      type: "Opaque",
      data: { "tls.key": "YWNjb3VudA==" },
    });
  };

  const keep = async (options: Partial<BackupOptions> = {}): Promise<number> =>
    (await saying(() => backup({ stack: "prod", out, recipient, ...options }))).code;
  const putBack = async (options: Partial<RestoreOptions> = {}) => {
    const way = pulumi.write("kubeconfig", await kubeconfig());
    return (await saying(() => restore({ in: out, identity, kubeconfig: way, yes: true, ...options }))).code;
  };

  it("holds the certificates' Secrets, the account keys, their namespaces' labels and the settings, encrypted", async () => {
    pulumi.write("Pulumi.prod.yaml", "config: {}\n");
    assert.equal(await keep(), 0);
    assert.doesNotMatch(readFileSync(out, "latin1"), /wildcard|tls\.key/);
    const content = JSON.parse(await open(out, { identity }));
    assert.deepEqual(
      content.secrets.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
      ["wildcard-example-com", "letsencrypt-prod-account-key"],
    );
    assert.deepEqual(content.settings, { file: "Pulumi.prod.yaml", text: "config: {}\n" });
    assert.ok(requests().every((request) => request.startsWith("GET ")));
  });

  it("puts them into a cluster that has none, as they were", async () => {
    await keep();
    stand();
    assert.equal(await putBack(), 0);
    const { metadata, data, type } = standingAt(at.tls) as { metadata: object; data: object; type: string };
    assert.deepEqual({ data, type }, { data: tls, type: "kubernetes.io/tls" });
    assert.deepEqual(metadata, { name: "wildcard-example-com", namespace: "envoy-gateway", annotations });
    assert.deepEqual((standingAt(at.namespace) as { metadata: object }).metadata, {
      name: "envoy-gateway",
      labels: own,
      annotations: {},
    });
    assert.ok(standingAt(at.account) && standingAt(at.managers));
  });

  it("leaves what is there already as it is, and asks first", async () => {
    await keep();
    const newer = {
      metadata: { name: "wildcard-example-com", namespace: "envoy-gateway" },
      data: { "tls.key": "bmV3" },
    };
    put(at.tls, newer);
    await putBack();
    assert.deepEqual(standingAt(at.tls), newer);
    await fails(putBack({ yes: false }), 2, /^--yes must be given where nobody can be asked/);
  });

  it("writes the settings of then to a file that is not there", async () => {
    pulumi.write("Pulumi.prod.yaml", "config: {}\n");
    await keep();
    const settings = join(pulumi.directory, "Pulumi.again.yaml");
    await putBack({ settings });
    assert.equal(readFileSync(settings, "utf8"), "config: {}\n");
    await fails(putBack({ settings }), 2, /^--settings must be a file to write, got \S+: one that is there already$/);
  });

  it("is written by a passphrase as well, and opened by nothing else than what it was written for", async () => {
    const passphraseFile = pulumi.write("passphrase", "correct horse battery staple\n");
    await keep({ recipient: undefined, passphraseFile });
    assert.equal(JSON.parse(await open(out, { passphraseFile })).product, "https-edge");
    await fails(open(out, { identity }), 2, /^--in must be a file that this key or passphrase opens, got /);
  });

  it("is not written without a Secret that belongs to it", async () => {
    const [certificate] = healthyEdge().chain.certificates;
    put(at.certificate, { ...certificate, spec: { ...certificate?.spec, secretName: "wildcard-example-com-2" } });
    const { gateway } = healthyEdge();
    const listeners = [{ name: "https", tls: { certificateRefs: [{ name: "wildcard-example-com-2" }] } }];
    put(at.gateway, {
      ...gateway,
      metadata: { ...gateway.metadata, labels: own },
      spec: { ...gateway.spec, listeners },
    });
    await fails(
      keep(),
      22,
      /^every Secret of the edge must be there, got none of envoy-gateway\/wildcard-example-com-2 /,
    );
    assert.equal(existsSync(out), false);
  });

  it("says what is wrong with how it is called", async () => {
    await fails(
      keep({ passphraseFile: identity }),
      2,
      /^--recipient or --passphrase-file must say for whom .* both or neither$/,
    );
    await fails(keep({ recipient: ["x"] }), 2, /^--recipient must be a public key of age, got "x"/);
    await fails(
      keep({ recipient: undefined, passphraseFile: pulumi.write("short", "short") }),
      2,
      /must hold at least 16 characters, got 5 in /,
    );
    writeFileSync(out, "");
    await fails(keep(), 2, /^--out must be a file to write, got \S+: one that is there already/);
    await fails(putBack(), 2, /^--in must be a file that this key or passphrase opens, got /);
    await fails(
      putBack({ in: join(pulumi.directory, "none") }),
      2,
      /^--in must be a file of https-edge backup, got \S+: ENOENT/,
    );
  });
});
