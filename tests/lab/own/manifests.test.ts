import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { ask, clone, copyProject, output, rootOf, run, runDirectory, tokens, zones } from "../../../lab";
import { asToken, state } from "../support/cloudflare";
import { get, names } from "../support/cluster";
import { eventually } from "../support/eventually";

const domain = "staging.example.com";
const zone = `zones/${zones.find(({ name }) => name === "example.com")?.id}/dns_records`;

/** Earlier edges leave their CRDs, which others may use; kubectl does not take over what another hand has applied. */
const deleteCrds = async (): Promise<void> => {
  const policies = "validatingadmissionpolicies,validatingadmissionpolicybindings";
  for (const left of [
    ["crd", "--selector=app.kubernetes.io/part-of=https-edge"],
    ["crd", "--selector=app.kubernetes.io/name=cert-manager"],
    [policies, "safe-upgrades.gateway.networking.k8s.io"],
  ])
    await output(["kubectl", "delete", "--ignore-not-found", ...left]);
};

describe("An edge by manifests, without Pulumi", () => {
  const written = join(runDirectory, "manifests");
  let project: string;
  before(async () => {
    await deleteCrds();
    project = copyProject("manifests");
    const file = join(project, "Pulumi.staging.yaml");
    const settings = readFileSync(file, "utf8");
    writeFileSync(
      file,
      settings.replace("environment: staging", "environment: staging\n    waitInsteadOfSelfCheck: 3s"),
    );
  });
  after(async () => {
    await deleteCrds();
    for (const directory of [project, written]) rmSync(directory, { recursive: true, force: true });
  });

  const write = (...args: string[]) =>
    run([process.execPath, "--import", "tsx", join(clone, "manifests", "main.ts"), "-C", project, ...args], {
      cwd: clone,
    });

  /** Runs the commands of a block of its README. */
  const follow = async (block: number): Promise<void> => {
    const blocks = [...readFileSync(join(written, "README.md"), "utf8").matchAll(/^```sh\n(.*?)^```/gms)];
    for (const line of blocks[block]?.[1]?.trim().split("\n") ?? assert.fail(`there is no block ${block}`)) {
      const { code, output: said } = await run(["sh", "-c", line], {
        cwd: written,
        env: { DNS_TOKEN: tokens.dnsOnly },
      });
      assert.equal(code, 0, `${line}:\n${said}`);
    }
  };

  it("is written by one command, which refuses a directory of somebody's", async () => {
    const { code, output: said } = await write("--stack", "staging", "--out", written);
    assert.equal(code, 0, said);
    const refused = await write("--stack", "staging", "--out", project);
    assert.equal(refused.code, 1);
    assert.match(
      refused.output,
      /^error: --out must be empty or hold what was written before, got \S+ \(name another/m,
    );
    assert.match(
      (await write("--stack", "nobody", "--out", written)).output,
      /--stack must name a stack file, got nobody/,
    );
  });

  it("is put up by the commands of its README, and serves", async () => {
    await follow(0);
    const { status } = await get("gateway", "eg", "envoy-gateway");
    const [address] = (status?.addresses ?? []) as { value: string }[];
    const content = address?.value ?? assert.fail("the Gateway has no address");
    for (const name of [domain, `*.${domain}`])
      assert.ok((await asToken(tokens.deploy, "POST", zone, { type: "A", name, content, ttl: 1 })).success);
    for (const [host, expected] of [
      [domain, 200],
      [`whoami.${domain}`, 200],
      [`nobody.${domain}`, 404],
    ] as const)
      await eventually(host, async () => {
        const answer = await ask(host, { roots: [rootOf("staging")] });
        assert.equal(answer.status, expected);
        assert.deepEqual(answer.certificate.names.sort(), [`*.${domain}`, domain]);
      });
  });

  it("is taken away by the commands of its README, too", async () => {
    await follow(1);
    for (const { id } of (await state()).records) await asToken(tokens.deploy, "DELETE", `${zone}/${id}`);
    assert.ok((await names("crd")).includes("certificates.cert-manager.io"), "others' Certificates stay");
    assert.deepEqual(await names("namespaces"), ["default", "kube-node-lease", "kube-public", "kube-system"]);
  });
});
