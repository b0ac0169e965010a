import assert from "node:assert/strict";
import { Certificate } from "../components/certificate";
import { certificateName, tlsSecretName } from "../components/rules/names";
import { deploy, types } from "./support/deploy";
import { labels } from "./support/names";

const issuerRef = { name: "letsencrypt-staging", kind: "ClusterIssuer" };

describe("Certificate", () => {
  it("is named after its domain", () => {
    assert.equal(certificateName("eu.example.com"), "wildcard-eu-example-com");
    assert.equal(tlsSecretName("eu.example.com"), "wildcard-eu-example-com-tls");
  });

  it("of a domain with hyphens has them twice, so that a dot is told from a hyphen", () => {
    assert.equal(certificateName("a.b.example.com"), "wildcard-a-b-example-com");
    assert.equal(certificateName("a-b.example.com"), "wildcard-a--b-example-com");
    assert.equal(tlsSecretName("a-b.example.com"), "wildcard-a--b-example-com-tls");
  });

  it("covers apex and wildcard with a new ECDSA key at each renewal", async () => {
    const deployment = await deploy(
      () => new Certificate("certificate", { domain: "example.com", namespace: "envoy-gateway", issuerRef }, {}),
    );
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Certificate", "certificate"],
      [types.certificate, "certificate"],
    ]);
    const { inputs, parent, options } = deployment.only(types.certificate);
    assert.deepEqual(inputs, {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: {
        name: "wildcard-example-com",
        namespace: "envoy-gateway",
        labels,
        annotations: { "pulumi.com/waitFor": '["condition=Ready"]', "pulumi.com/patchForce": "true" },
      },
      spec: {
        secretName: "wildcard-example-com-tls",
        issuerRef,
        dnsNames: ["example.com", "*.example.com"],
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        renewBeforePercentage: 33,
      },
    });
    assert.deepEqual(parent, ["https-edge:index:Certificate", "certificate"]);
    assert.equal(options.timeout, "15m");
  });
});
