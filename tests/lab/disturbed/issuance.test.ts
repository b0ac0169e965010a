import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { network, output, until } from "../../../lab";
import { state, withFault } from "../support/cloudflare";
import { get, names } from "../support/cluster";
import { Doctor } from "../support/doctor";
import { domain, edgeToChange, serving } from "../support/edge";
import { endedCertificate, registerAnew, withAcmeFaults } from "../support/letsencrypt";
import { type Stack, shortWait } from "../support/stack";

const issuer = "letsencrypt-staging";
const name = "wildcard-staging-example-com";
const secret = `${name}-tls`;
const subject = `Certificate envoy-gateway/${name}`;

/** The zone as a company's own DNS has it: with other hosts, and without what is written at Cloudflare. */
const ownZone = (zone: string): string => {
  const soa = `${zone}. 60 IN SOA ns.${zone}. hostmaster.${zone}. 1 60 60 60 60`;
  const answers = { SOA: [zone, soa], NS: [zone, `${zone}. 60 IN NS ns.${zone}.`] };
  const server = { A: [`ns.${zone}`, `ns.${zone}. 60 IN A ${network.clusterDns}`] };
  const templates = Object.entries({ ...answers, ...server }).map(
    ([type, [at = "", answer]]) =>
      `  template IN ${type} ${zone} {\n    match "^${at.replaceAll(".", "[.]")}[.]$"\n    answer "${answer}"\n    fallthrough\n  }`,
  );
  return `${zone}:53 {\n${templates.join("\n")}\n  template ANY ANY {\n    rcode NXDOMAIN\n    authority "${soa}"\n  }\n}\n`;
};

/** Gives the cluster's DNS another configuration, which its pods read when they start. */
const configureDns = async (corefile: string): Promise<void> => {
  const patch = JSON.stringify({ data: { Corefile: corefile } });
  await output(["kubectl", "patch", "configmap", "coredns", "-n", "kube-system", "--type", "merge", "-p", patch]);
  for (const how of ["restart", "status"])
    await output(["kubectl", "rollout", how, "deployment", "coredns", "-n", "kube-system"]);
};

describe("https-edge doctor names, of an issuance,", () => {
  let stack: Stack;
  let restore: () => Promise<void>;
  let doctor: Doctor;
  before(async () => {
    ({ stack, restore } = await edgeToChange());
    stack.set(...shortWait);
    await stack.up();
    doctor = new Doctor(stack);
    await doctor.sees();
  });
  after(async () => {
    await doctor.end();
    await restore();
  });

  const renewed = async (): Promise<void> => {
    const { code, output: said } = await stack.operation("renew", "--yes");
    assert.equal(code, 0, said);
  };

  it("a challenge that is held, as its record cannot be deleted, for which the next one waits", async () => {
    await registerAnew(issuer);
    let renewing: Promise<void> | undefined;
    await withFault({ method: "DELETE", path: "/dns_records/", status: 500, message: "out of order" }, async () => {
      renewing = renewed();
      await doctor.sees(`challenge-held: ${subject}`);
    });
    await renewing;
    await doctor.sees();
    assert.deepEqual(
      (await state()).records.filter(({ type }) => type === "TXT"),
      [],
    );
  });

  for (const [what, symptom, spoil] of [
    [
      "one that has ended while the CA takes no order",
      "certificate-expired",
      async () => ({ data: await endedCertificate([domain, `*.${domain}`]) }),
    ],
    [
      "one of another issuer while the CA takes no order",
      "certificate-of-other-issuer",
      async () => ({ metadata: { annotations: { "cert-manager.io/issuer-name": "letsencrypt-prod" } } }),
    ],
  ] as const)
    it(`${what}, which the command that it names mends when the CA is back`, async () => {
      await withAcmeFaults(
        [{ method: "POST", path: "^/order-plz$", status: 503, detail: "Service busy" }],
        async () => {
          const patch = JSON.stringify(await spoil());
          await output(["kubectl", "patch", "secret", secret, "-n", "envoy-gateway", "--type", "merge", "-p", patch]);
          await doctor.sees(`${symptom}: ${subject}`);
        },
      );
      await renewed();
      await doctor.sees();
      await serving();
    });

  it("a zone of the cluster's own DNS, where cert-manager looks for the challenge's record itself", async () => {
    stack.set("https-edge:acme.waitInsteadOfSelfCheck", "selfCheck");
    await stack.up();
    await registerAnew(issuer);
    const { data } = await get("configmap", "coredns", "kube-system");
    const corefile = data?.Corefile ?? "";
    await configureDns(`${corefile}${ownZone("example.com")}`);
    const renewing = stack.operation("renew", "--yes");
    try {
      await until("a challenge", async () => (await names("challenges.acme.cert-manager.io")).length > 0);
      await doctor.sees(`split-horizon: ${subject}`);
    } finally {
      await configureDns(corefile);
    }
    const { code, output: said } = await renewing;
    assert.equal(code, 0, said);
    await doctor.sees();
  });
});
