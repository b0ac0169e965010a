import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { settingsSchema } from "../components/schema";
import { readSettings, type Settings } from "../settings/settings";
import { declared, setConfig, stackConfig } from "./support/config";
import { deploy, settled } from "./support/deploy";

const variable = "CLOUDFLARE_API_TOKEN";
const noCredential =
  "cloudflare:apiToken must be set, got nothing (pulumi config set --secret cloudflare:apiToken, or export CLOUDFLARE_API_TOKEN)";
const good = { "https-edge:domains": [{ name: "example.com" }] };

const read = async (config: Record<string, unknown>, secretKeys?: string[]): Promise<Settings> => {
  setConfig(config, secretKeys);
  let settings: Settings | undefined;
  await deploy(() => {
    settings = readSettings();
  });
  assert.ok(settings);
  return settings;
};

const rejects = (config: Record<string, unknown>, problems: string[], secretKeys?: string[]): Promise<void> =>
  assert.rejects(read(config, secretKeys), (error: Error & { __pulumiRunError?: boolean }) => {
    assert.deepEqual(
      error.message.split("\n").slice(1),
      problems.map((problem) => `  ${problem}`),
    );
    // Shown without a stack.
    assert.equal(error.__pulumiRunError, true);
    return true;
  });

const secret = async (output: pulumi.Output<string> | undefined) =>
  output && [await settled(output), await (output as unknown as { isSecret: Promise<boolean> }).isSecret];

describe("Settings", () => {
  let before: string | undefined;
  beforeEach(() => {
    before = process.env[variable];
    process.env[variable] = "from-the-environment".repeat(2);
  });
  afterEach(() => {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
    setConfig({});
  });

  it("of the staging stack are a rehearsal", async () => {
    assert.deepEqual(await read(stackConfig("staging")), {
      edge: {
        domains: [{ name: "staging.example.com", zone: "example.com" }],
        cluster: { kubeconfig: undefined, context: undefined },
        acme: { environment: "staging" },
        cloudflare: { mintingToken: undefined, dnsToken: undefined },
        gateway: {},
        landing: {},
        whoami: {},
      },
      cloudflareApiToken: undefined,
    });
  });

  it("of the prod stack serve", async () => {
    assert.deepEqual((await read(stackConfig("prod"))).edge, {
      domains: [{ name: "example.com" }],
      cluster: { kubeconfig: undefined, context: undefined },
      acme: { environment: "production" },
      cloudflare: { mintingToken: undefined, dnsToken: undefined },
      gateway: {},
      landing: {},
      whoami: {},
    });
  });

  it("declared by the project are known to the program", () => {
    const known = Object.keys(settingsSchema.shape).map((key) => `https-edge:${key}`);
    assert.deepEqual(
      Object.keys(declared).filter((key) => !known.includes(key)),
      [],
    );
  });

  it("leave absent parts absent", async () => {
    const { edge } = await read(good);
    assert.deepEqual(Object.keys(edge), ["domains", "cluster", "cloudflare"]);
  });

  it("carry secrets as secrets", async () => {
    const keys = ["https-edge:mintingToken", "https-edge:dnsToken", "cloudflare:apiToken"];
    const textOf = (key = "") => key.replace(":", "-").repeat(3);
    const values = Object.fromEntries(keys.map((key) => [key, textOf(key)]));
    const { edge, cloudflareApiToken } = await read({ ...good, ...values }, keys);
    const { mintingToken, dnsToken } = edge.cloudflare ?? {};
    for (const [key, output] of [
      [keys[0], mintingToken],
      [keys[1], dnsToken],
      [keys[2], cloudflareApiToken],
    ] as const)
      assert.deepEqual(await secret(output), [textOf(key), true]);
  });

  it("leave other namespaces alone, and take the cluster from Kubernetes'", async () => {
    const config = {
      "kubernetes:context": "staging",
      "kubernetes:kubeconfig": "~/.kube/staging",
      "other:domains": "x",
    };
    const { edge } = await read({ ...good, ...config });
    assert.equal(edge.cluster?.context, "staging");
    assert.deepEqual(await secret(edge.cluster?.kubeconfig as pulumi.Output<string>), ["~/.kube/staging", true]);
  });

  for (const [key, known] of [
    ["kubernetes:namespace", "context, kubeconfig"],
    ["cloudflare:apiKey", "apiToken"],
  ] as const) {
    it(`rejects ${key}, which would decide nothing`, () =>
      rejects({ ...good, [key]: "x" }, [
        `${key} must be a setting, got an unknown name (known in ${key.split(":")[0]}: ${known})`,
      ]));
  }

  for (const content of ['{"apiVersion":"v1"}', "apiVersion: v1\nkind: Config\n"]) {
    it(`rejects a kubeconfig in plain text: ${JSON.stringify(content)}`, () =>
      rejects({ ...good, "kubernetes:kubeconfig": content }, [
        "kubernetes:kubeconfig must be encrypted, got plain text (pulumi config set --secret kubernetes:kubeconfig)",
      ]));
  }

  it("take a name that every object has for an unknown one", () =>
    rejects({ ...good, "https-edge:toString": "x" }, [
      `toString must be a setting, got an unknown name (known: ${Object.keys(settingsSchema.shape).join(", ")})`,
    ]));

  for (const key of ["https-edge:mintingToken", "https-edge:dnsToken", "cloudflare:apiToken"]) {
    it(`rejects ${key} in plain text, without showing it`, () =>
      rejects({ ...good, [key]: "x" }, [
        `${key} must be encrypted, got plain text (pulumi config set --secret ${key})`,
      ]));
  }

  for (const name of ["mintingToken", "dnsToken"]) {
    it(`rejects ${name} within cloudflare, where it would be plain text, without showing it`, () =>
      rejects({ ...good, "https-edge:cloudflare": { [name]: "x" } }, [
        `cloudflare.${name} must be a setting, got an unknown name (known in cloudflare: accountId, owner, rotation, maxAgeDays, expires, requestIp, proxied, edgeCertificates)`,
      ]));
  }

  it("rejects a stack without a credential for Cloudflare", () => {
    delete process.env[variable];
    return rejects(good, [noCredential]);
  });

  const malformed =
    "must be an API token of at least 40 letters, digits, - and _, got something else (an API key does not do; create a token at https://dash.cloudflare.com/profile/api-tokens)";
  for (const token of ["short", `${"a".repeat(40)}\n`, `Bearer ${"a".repeat(40)}`]) {
    it(`rejects ${JSON.stringify(token)} as a credential for Cloudflare, wherever it is from, without showing it`, async () => {
      process.env[variable] = token;
      await rejects(good, [`${variable} ${malformed}`]);
      process.env[variable] = "b".repeat(40);
      const key = "cloudflare:apiToken";
      await rejects({ ...good, [key]: token }, [`${key} ${malformed}`], [key]);
    });
  }

  it("rejects a malformed token of each kind, without showing it", () => {
    const keys = ["https-edge:mintingToken", "https-edge:dnsToken", "cloudflare:apiToken"];
    const values = Object.fromEntries(keys.map((key) => [key, `${"a".repeat(40)} b`]));
    return rejects(
      { ...good, ...values },
      keys.map((key) => `${key} ${malformed}`),
      keys,
    );
  });

  it("rejects a stack without anything", () => {
    delete process.env[variable];
    return rejects({}, ["domains must be a list, got nothing (for example [{ name: example.com }])", noCredential]);
  });

  it("rejects every problem at once, under a count of them", async () => {
    const config = {
      "https-edge:domains": [{ name: "*.example.com" }],
      "https-edge:acme": { environment: "prod" },
      "https-edge:landing": "yes",
      "https-edge:replicas": 2,
      "https-edge:dnsToken": "x",
    };
    await rejects(config, [
      'domains[0].name must be a bare name such as example.com, got "*.example.com" (leave "*." away: the wildcard is added for you)',
      'acme.environment must be staging or production, got "prod" (set one of these, or leave it out)',
      "landing must be an object, got \"yes\" (set it with --path, such as 'landing.…')",
      `replicas must be a setting, got an unknown name (known: ${Object.keys(settingsSchema.shape).join(", ")})`,
      "https-edge:dnsToken must be encrypted, got plain text (pulumi config set --secret https-edge:dnsToken)",
    ]);
    await assert.rejects(read(config), { message: /^5 settings are wrong; nothing was changed:\n/ });
  });
});
