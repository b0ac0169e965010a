import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask, output, until } from "../../../lab";
import { get, remove, silentKubeconfig } from "../support/cluster";
import { domain } from "../support/edge";
import { withoutName } from "../support/outside";
import { Stack, shortWait } from "../support/stack";

const listeners = async (): Promise<string[]> => {
  const names = ["kubectl", "get", "gateway", "eg", "-n", "envoy-gateway", "-o", "jsonpath={.spec.listeners[*].name}"];
  return (await output(names)).split(" ");
};

const scaleCertManager = (replicas: number): Promise<string> =>
  output(["kubectl", "scale", "deployment", "cert-manager", "-n", "cert-manager", `--replicas=${replicas}`]);

describe("An edge without a landing page and without whoami", () => {
  let stack: Stack;
  let first: string;
  before(async () => {
    stack = await Stack.create("staging", "served");
    await stack.leaveEarlierCrds();
    stack.set(...shortWait);
    for (const key of ["landing", "whoami"]) await stack.succeed("config", "rm", `https-edge:${key}`);
    // Whatever the other environment does.
    await withoutName("acme-v02.api.letsencrypt.org", async () => {
      first = await stack.up();
    });
  });
  after(() => stack.destroy());

  it("is up although the other Let's Encrypt is down, which is a warning", () => {
    assert.match(first, /warning: ClusterIssuer letsencrypt-prod must have an ACME account, got .*acme-v02/);
  });

  it("answers over HTTPS as soon as up is through, without a retry", async () => {
    await stack.succeed("refresh", "--yes");
    await stack.up();
    const [{ value: address = "" } = {}] = ((await get("gateway", "eg", "envoy-gateway")).status?.addresses ?? []) as {
      value?: string;
    }[];
    const { status, certificate } = await ask(domain, { address });
    assert.equal(status, 404);
    assert.deepEqual(certificate.names.sort(), [`*.${domain}`, domain]);
  });

  it("loses a listener that another hand has added, which a preview foretells", async () => {
    const clear = { name: "clear", protocol: "HTTP", port: 8080, allowedRoutes: { namespaces: { from: "All" } } };
    const patch = JSON.stringify([{ op: "add", path: "/spec/listeners/-", value: clear }]);
    await output(["kubectl", "patch", "gateway", "eg", "-n", "envoy-gateway", "--type=json", "-p", patch]);
    const said = /warning: Gateway envoy-gateway\/eg had a listener clear \(HTTP 8080\) from another hand/;
    assert.match(await stack.succeed("preview"), said);
    assert.deepEqual(await listeners(), ["http", "https", "clear"]);
    assert.match(await stack.up(), said);
    assert.deepEqual(await listeners(), ["http", "https"]);
    assert.doesNotMatch(await stack.succeed("preview", "--expect-no-changes"), said);
  });

  it("ends an up with the cause while port 443 is dead, and goes on once it is mended", async () => {
    await scaleCertManager(0);
    await remove("secret", "wildcard-staging-example-com-tls", "envoy-gateway");
    await until("the end of HTTPS", async () =>
      ask(domain).then(
        () => false,
        () => true,
      ),
    );
    const { code, output: said } = await stack.run("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0, said);
    assert.match(said, /error: https must be answered on every domain with its certificate, got:/);
    assert.match(said, new RegExp(`https://${domain} at \\S+: got `));
    assert.match(said, /listener https is not (Programmed|ResolvedRefs): .*wildcard-staging-example-com-tls/);
    assert.match(said, /Deployment cert-manager\/cert-manager has 0 of 0 pods available/);
    assert.doesNotMatch(said, /unhandled exception|^ *at /m);

    await scaleCertManager(1);
    await stack.up();
    assert.equal((await ask(domain)).status, 404);
  });

  it("is previewed as unchanged, with a warning, when the cluster does not answer", async () => {
    const { code, output: said } = await stack.with({ KUBECONFIG: await silentKubeconfig() }).run("preview");
    assert.equal(code, 0, said);
    assert.match(said, /warning: cluster \S+ at https:\/\/127\.0\.0\.1:1 must answer/);
  });
});
