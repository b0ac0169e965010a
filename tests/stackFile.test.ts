import assert from "node:assert/strict";
import Ajv from "ajv";
import { stackFileSchema } from "../settings/stackFile";
import { stackConfig } from "./support/config";

const encrypted = { secure: "v1:abc" };
const config = { "https-edge:domains": [{ name: "example.com" }] };

describe("The stack file's schema", () => {
  const accepts = new Ajv({ strict: true }).compile(stackFileSchema());

  for (const stack of ["staging", "prod"]) {
    it(`accepts the committed ${stack} stack`, () => assert.ok(accepts({ config: stackConfig(stack) })));
  }

  for (const [what, more] of [
    ["encrypted secrets", { "https-edge:dnsToken": encrypted, "cloudflare:apiToken": encrypted }],
    ["other namespaces", { "kubernetes:context": "staging", "aws:region": "eu-central-1" }],
    ["a kubeconfig as a secret", { "kubernetes:kubeconfig": encrypted }],
    ["a kubeconfig by its path", { "kubernetes:kubeconfig": "~/.kube/staging" }],
  ] as const) {
    it(`accepts ${what}`, () => assert.ok(accepts({ encryptionsalt: "v1:x", config: { ...config, ...more } })));
  }

  for (const [what, more] of [
    ["no domains", { "https-edge:domains": undefined }],
    ["an unknown key", { "https-edge:gatway": {} }],
    ["an unknown name in a key", { "https-edge:acme": { enviroment: "staging" } }],
    ["an unknown environment", { "https-edge:acme": { environment: "live" } }],
    ["half a proxy", { "https-edge:gateway": { replicas: 1.5 } }],
    ["a provider's key that would decide nothing", { "cloudflare:apiKey": "x" }],
    ["a secret in plain text", { "https-edge:mintingToken": "plain" }],
    ["Cloudflare's credential in plain text", { "cloudflare:apiToken": "plain" }],
  ] as const) {
    it(`rejects ${what}`, () => assert.equal(accepts({ config: { ...config, ...more } }), false));
  }

  it("describes every setting", () => {
    const bare = (schema: Schema, path: string): string[] => [
      ...(schema.description ? [] : [path]),
      ...Object.entries(schema.properties ?? {}).flatMap(([key, each]) => bare(each, `${path}.${key}`)),
    ];
    const { properties } = stackFileSchema() as { properties: { config: Schema } };
    const settings = Object.entries(properties.config.properties ?? {});
    assert.deepEqual(
      settings.flatMap(([key, each]) => bare(each, key)).filter((path) => !path.endsWith(".secure")),
      [],
    );
  });
});

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
}
