import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type AcmeServerArgs, Issuers, type IssuersArgs } from "../components/issuers";
import { Preflight } from "../components/resources/preflight";
import { certificate } from "./support/certificates";
import { put, requests, stand, standingAt, way } from "./support/cluster";
import { deploy, Earlier, settled, types } from "./support/deploy";
import { deployEdge } from "./support/edge";
import { labels, names } from "./support/names";

const apiTokenSecretRef = { name: "cloudflare-api-token", key: "api-token" };
let part: Issuers;
const program =
  (args: Partial<IssuersArgs>, version = "1.21.2") =>
  () => {
    const certManager = {
      release: [new Earlier("cert-manager")],
      version: pulumi.output(version),
      secretsNamespace: "cert-manager",
    };
    part = new Issuers(
      "issuers",
      {
        names,
        solvers: [{ zones: [{ name: "example.com" }, { name: "example.org" }], secretRef: apiTokenSecretRef }],
        certManager,
        preflight: new Preflight(),
        way: way(),
        ...args,
      },
      {},
    );
  };

const solver = {
  selector: { dnsZones: ["example.com", "example.org"] },
  dns01: { cloudflare: { apiTokenSecretRef } },
};
const issuer = (name: string, server: string, more: object, solverMore: object) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "ClusterIssuer",
  metadata: {
    name,
    labels,
    annotations: { "pulumi.com/patchForce": "true" },
  },
  spec: {
    acme: {
      server,
      ...more,
      privateKeySecretRef: { name: `${name}-account-key` },
      solvers: [{ ...solver, ...solverMore }],
    },
  },
});
/** Complete inputs of both issuers. */
const both = (more: object, solverMore: object) => [
  [
    "issuers-production",
    issuer("letsencrypt-prod", "https://acme-v02.api.letsencrypt.org/directory", more, solverMore),
  ],
  [
    "issuers-staging",
    issuer("letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory", more, solverMore),
  ],
];
const issuersOf = async (args: Partial<IssuersArgs>, version?: string) => {
  const { resources } = await deploy(program(args, version));
  return resources
    .filter(({ type }) => type === types.clusterIssuer)
    .map(({ name, inputs }) => [name, inputs])
    .sort();
};

describe("Issuers", () => {
  it("are two, under one component", async () => {
    const deployment = await deploy(program({}));
    assert.deepEqual(deployment.list, [
      ["https-edge:index:Issuers", "issuers"],
      [types.policy, "issuers-challenges"],
      [types.policyBinding, "issuers-challenges"],
      [types.clusterIssuer, "issuers-production"],
      [types.clusterIssuer, "issuers-staging"],
      [types.earlier, "cert-manager"],
    ]);
    for (const name of ["issuers-staging", "issuers-production"]) {
      const { parent } = deployment.only(types.clusterIssuer, name);
      assert.deepEqual(parent, ["https-edge:index:Issuers", "issuers"]);
    }
  });

  it("let a record spread for 60 s, and have an account key each", async () => {
    assert.deepEqual(await issuersOf({}), both({}, { waitInsteadOfSelfCheck: "60s" }));
  });

  it("carry a contact and a wait when given", async () => {
    assert.deepEqual(
      await issuersOf({ email: "ops@company.example", waitInsteadOfSelfCheck: "90s" }),
      both({ email: "ops@company.example" }, { waitInsteadOfSelfCheck: "90s" }),
    );
  });

  it("look a record up themselves when told to", async () => {
    assert.deepEqual(await issuersOf({ waitInsteadOfSelfCheck: "selfCheck" }), both({}, {}));
  });

  it("ask for a profile when one is given", async () => {
    assert.deepEqual(
      await issuersOf({ profile: "tlsserver" }),
      both({ profile: "tlsserver" }, { waitInsteadOfSelfCheck: "60s" }),
    );
  });

  it("have a solver for each token, for its zones alone", async () => {
    const tokens = ["cloudflare-api-token", "cloudflare-api-token-b"].map((name) => ({ name, key: "api-token" }));
    const zones = ["example.com", "example.org"];
    const solvers = tokens.map((secretRef, index) => ({ secretRef, zones: [{ name: zones[index] ?? "" }] }));
    for (const [, inputs] of await issuersOf({ solvers })) {
      const { spec } = inputs as { spec: { acme: { solvers: object[] } } };
      assert.deepEqual(
        spec.acme.solvers,
        tokens.map((token, index) => ({
          selector: { dnsZones: [zones[index]] },
          dns01: { cloudflare: { apiTokenSecretRef: token } },
          waitInsteadOfSelfCheck: "60s",
        })),
      );
    }
  });

  it("always look a record up before cert-manager 1.21, which knows no wait", async () => {
    assert.deepEqual(await issuersOf({ waitInsteadOfSelfCheck: "90s" }, "1.20.3"), both({}, {}));
  });

  it("do not know yet, in the preview of an upgrade of cert-manager, what the new version lets them say", async () => {
    const outputs = ({ type }: { type: string }) =>
      type === types.release ? { status: pulumi.runtime.unknownValue } : undefined;
    const deployment = await deployEdge({}, { preview: true, outputs });
    const { inputs } = deployment.only(types.clusterIssuer, "edge-issuers-staging");
    const { acme } = inputs.spec as { acme: { solvers: Record<string, unknown>[] } };
    assert.deepEqual(
      acme.solvers.map(({ waitInsteadOfSelfCheck }) => pulumi.isUnknown(waitInsteadOfSelfCheck)),
      [true],
    );
  });

  for (const [environment, name] of [
    [undefined, "letsencrypt-staging"],
    ["staging", "letsencrypt-staging"],
    ["production", "letsencrypt-prod"],
  ] as const) {
    it(`give ${name} for ${environment ?? "a forgotten environment"}, and stay the same themselves`, async () => {
      assert.deepEqual(await issuersOf({ environment }), both({}, { waitInsteadOfSelfCheck: "60s" }));
      assert.deepEqual(await settled(part.issuerRef), { name, kind: "ClusterIssuer" });
    });
  }

  describe("of another server", () => {
    const url = "https://ca.company.example:9000/acme/acme/directory";
    const name = "acme-ca-company-example-9000-d47cf17108";
    let root: string;
    before(async () => {
      root = certificate("Company Root", true);
    });
    const server = (more: Partial<AcmeServerArgs> = {}) => ({ url, ...more });
    const spec = async (args: Partial<IssuersArgs>) => {
      const deployment = await deploy(program(args));
      const { inputs } = deployment.only(types.clusterIssuer);
      return { deployment, inputs: inputs as { metadata: { name: string }; spec: { acme: Record<string, unknown> } } };
    };

    it("are one, named after its address, and Let's Encrypt has none", async () => {
      const { inputs } = await spec({ server: server() });
      assert.equal(inputs.metadata.name, name);
      const { solvers: _, ...acme } = inputs.spec.acme;
      assert.deepEqual(acme, { server: url, privateKeySecretRef: { name: `${name}-account-key` } });
      assert.deepEqual(await settled(part.issuerRef), { name, kind: "ClusterIssuer" });
    });

    it("know it by its root, given as it is or by a path", async () => {
      const file = join(await mkdtemp(join(tmpdir(), "roots-")), "root.pem");
      await writeFile(file, root);
      for (const caBundle of [root, file]) {
        const { inputs } = await spec({ server: server({ caBundle }) });
        assert.equal(Buffer.from(String(inputs.spec.acme.caBundle), "base64").toString(), root);
      }
    });

    it("rejects a file of roots that cannot be read, or holds none", async () => {
      const reading = (caBundle: string) => deploy(program({ server: server({ caBundle }) }));
      await assert.rejects(
        reading("/nowhere/root.pem"),
        /^Error: acme\.server\.caBundle must be readable, got \/nowhere/,
      );
      await assert.rejects(reading(__filename), {
        message:
          'acme.server.caBundle must be certificates of CAs in PEM, got none ("-----BEGIN CERTIFICATE-----" must stand before each)',
      });
    });

    it("bind their account to an external one, by a Secret whose name changes with the key", async () => {
      const key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG4";
      const { deployment, inputs } = await spec({
        server: server({ eabKeyId: "kid-1", eabHmacKey: pulumi.secret(`${key}=\n`) }),
      });
      const keySecretRef = { name: `${name}-eab-c0ffee00`, key: "hmac-key" };
      assert.deepEqual(inputs.spec.acme.externalAccountBinding, { keyID: "kid-1", keySecretRef });
      const secret = deployment.only(types.secret);
      assert.deepEqual(secret.inputs.metadata, { name: keySecretRef.name, namespace: "cert-manager", labels });
      assert.deepEqual(secret.inputs.stringData, { "hmac-key": key });
      assert.deepEqual(secret.secrets, ["stringData"]);
      const { inputs: id, secrets } = deployment.only(types.randomId);
      assert.deepEqual([id.keepers, secrets], [{ keyID: "kid-1", key }, ["keepers"]]);
    });

    it("rejects a key that is none, without showing it", () =>
      assert.rejects(
        deploy(program({ server: server({ eabKeyId: "kid-1", eabHmacKey: pulumi.secret("my secret") }) })),
        {
          message:
            "eabHmacKey must be the HMAC key that the CA tells, in base64, got something else (at least 22 letters, digits, - and _; it comes with the key id)",
        },
      ));
  });

  it("wait for cert-manager", async () => {
    const { beforeRelease } = await deploy(program({}), { hold: ({ name }) => name === "cert-manager" });
    assert.deepEqual(beforeRelease, [
      ["https-edge:index:Issuers", "issuers"],
      [types.policy, "issuers-challenges"],
      [types.policyBinding, "issuers-challenges"],
      [types.earlier, "cert-manager"],
    ]);
  });

  describe("have the API server limit how often cert-manager writes of a challenge that waits", () => {
    interface PolicyInputs {
      metadata: { name: string };
      spec: { failurePolicy: string; matchConditions: [{ expression: string }] };
    }
    const policyOf = async (args: Partial<IssuersArgs>) =>
      (await deploy(program(args))).only(types.policy).inputs as unknown as PolicyInputs;

    it("for the challenges of both, whichever of them serves", async () => {
      const staging = await policyOf({ environment: "staging" });
      assert.deepEqual(await policyOf({ environment: "production" }), staging);
      assert.equal(staging.metadata.name, "https-edge-eg-challenges");
      assert.equal(staging.spec.failurePolicy, "Ignore");
      assert.match(staging.spec.matchConditions[0].expression, / in \["letsencrypt-prod", "letsencrypt-staging"\]$/);
    });

    it("of an ACME server's issuer alone", async () => {
      const { spec } = await policyOf({ server: { url: "https://ca.company.example/acme" } });
      assert.match(spec.matchConditions[0].expression, / in \["acme-ca-company-example-[0-9a-f]{10}"\]$/);
    });

    it("but not where cert-manager looks the record up", async () => {
      const { list } = await deploy(program({ waitInsteadOfSelfCheck: "selfCheck" }));
      assert.deepEqual(
        list.filter(([type]) => type === types.policy || type === types.policyBinding),
        [],
      );
    });
  });

  describe("whose ACME server does not answer", () => {
    beforeEach(() => stand());
    const refused = (message: string) => ({
      conditions: [
        { type: "Ready", status: "False", reason: "ErrRegisterACMEAccount", message, observedGeneration: 1 },
      ],
    });
    const down = refused("Failed to register ACME account: dial tcp: lookup acme: no such host");
    const saying = (name: string, status: object) => (made: { name: string }) =>
      made.name === name ? status : undefined;

    it("end the up when it is the chosen one's, and the time is up", async () => {
      await assert.rejects(deploy(program({ seconds: 0 }), { says: saying("letsencrypt-staging", down) }), {
        message:
          /^ClusterIssuer letsencrypt-staging must have an ACME account, got ErrRegisterACMEAccount: Failed to register ACME account: dial tcp: lookup acme: no such host, after 0 s \(/,
      });
    });

    it("have it asked again at once, which cert-manager does later and later, and once in a run", async () => {
      const path = "/apis/cert-manager.io/v1/clusterissuers/letsencrypt-staging";
      const asked = () => requests().filter((each) => each === `PATCH ${path}/status`).length;
      const certManagerWorks = setInterval(() => {
        const stands = standingAt(path) as { status?: { conditions: { reason: string }[] } } | undefined;
        if (stands?.status?.conditions.some(({ reason }) => reason === "ManuallyTriggered"))
          put(path, { ...stands, status: { conditions: [{ type: "Ready", status: "True" }] } });
      }, 20);
      await deploy(program({ seconds: 900 }), { says: saying("letsencrypt-staging", down) }).finally(() =>
        clearInterval(certManagerWorks),
      );
      assert.equal(asked(), 1);
    });

    it("is not asked by a preview", async () => {
      await deploy(program({ grace: 0 }), { says: saying("letsencrypt-staging", down), preview: true });
      assert.deepEqual(
        requests().filter((each) => each.startsWith("PATCH")),
        [],
      );
    });

    it("end the up at once when the server has refused for good", async () => {
      const email = refused(
        "Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: example.com",
      );
      await assert.rejects(deploy(program({ seconds: 900 }), { says: saying("letsencrypt-staging", email) }), {
        message:
          /got ErrRegisterACMEAccount: Failed to register ACME account: 400 urn:.*invalidContact: example.com \(/,
      });
    });

    it("warn when it is the other one's", async () => {
      const { warnings } = await deploy(program({ grace: 0 }), { says: saying("letsencrypt-prod", down) });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", /^ClusterIssuer letsencrypt-prod must have an ACME account, got ErrRegister/);
    });
  });
});
