import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Issuers, type IssuersArgs } from "../components/issuers";
import { deploy, Earlier, settled, types } from "./support/deploy";
import { deployEdge } from "./support/edge";
import { labels } from "./support/names";

const apiTokenSecretRef = { name: "cloudflare-api-token", key: "api-token" };
let part: Issuers;
const program =
  (args: Partial<IssuersArgs>, version = "1.21.2") =>
  () => {
    const certManager = { release: new Earlier("cert-manager"), version: pulumi.output(version) };
    part = new Issuers(
      "issuers",
      { zones: [{ name: "example.com" }, { name: "example.org" }], token: apiTokenSecretRef, certManager, ...args },
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
    annotations: { "pulumi.com/waitFor": '["condition=Ready"]', "pulumi.com/patchForce": "true" },
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
      [types.clusterIssuer, "issuers-production"],
      [types.clusterIssuer, "issuers-staging"],
      [types.earlier, "cert-manager"],
    ]);
    for (const name of ["issuers-staging", "issuers-production"]) {
      const { parent, options } = deployment.only(types.clusterIssuer, name);
      assert.deepEqual(parent, ["https-edge:index:Issuers", "issuers"]);
      assert.equal(options.timeout, "2m");
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

  it("wait for cert-manager", async () => {
    const { beforeRelease } = await deploy(program({}), { hold: ({ name }) => name === "cert-manager" });
    assert.deepEqual(beforeRelease, [
      ["https-edge:index:Issuers", "issuers"],
      [types.earlier, "cert-manager"],
    ]);
  });
});
