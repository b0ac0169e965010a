import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { versionSets } from "../../../components/rules/versions";
import { ask, output, rootOf, runDirectory } from "../../../lab";
import { domain, stagingEdge } from "../support/edge";
import { eventually } from "../support/eventually";
import type { Stack } from "../support/stack";

interface Check {
  check: string;
  subject: string;
  result: string;
  found: string;
}

const attach = "https-edge/eg";

describe("https-edge verify", () => {
  const roots = join(runDirectory, "staging-root.pem");
  let stack: Stack;
  before(async () => {
    stack = await stagingEdge();
    writeFileSync(roots, rootOf("staging"));
  });

  /** The exit code, and the one edge's checks. */
  const verify = async (...args: string[]): Promise<{ code?: number; checks: Check[] }> => {
    const { code, stdout, output: said } = await stack.operation("verify", "--json", "--ca-file", roots, ...args);
    assert.match(stdout, /^\{/, said);
    const { edges }: { edges: { checks: Check[] }[] } = JSON.parse(stdout);
    assert.equal(edges.length, 1);
    return { code, checks: edges[0]?.checks ?? [] };
  };
  const wrong = (checks: Check[]) => checks.filter(({ result }) => result !== "ok");

  it("finds all as it must be, and asks for each host", async () => {
    const { code, checks } = await verify();
    assert.deepEqual(wrong(checks), []);
    assert.equal(code, 0);
    const asked = checks.filter(({ check }) => check === "https").map(({ subject }) => subject);
    assert.equal(asked.length, 3);
    assert.ok(
      [`https://${domain}`, `https://whoami.${domain}`].every((each) => asked.includes(each)),
      `${asked}`,
    );
    const whoami = checks.find(({ check, subject }) => check === "https" && subject.includes("whoami"));
    assert.match(whoami?.found ?? "", /^200 by HTTP\/2, certificate of .*$/);
  });

  it("finds the same of the Gateway's name alone, as of an edge that was made by hand", async () => {
    const { code, checks } = await verify("--gateway", "envoy-gateway/eg");
    assert.deepEqual(wrong(checks), []);
    assert.equal(code, 0);
  });

  describe("where a namespace has lost the label by which its routes attach", () => {
    before(() => output(["kubectl", "label", "namespace", "whoami", `${attach}-`]));
    after(async () => {
      await output(["kubectl", "label", "namespace", "whoami", `${attach}=attach`]);
      await eventually("the edge as it was", async () => assert.deepEqual(wrong((await verify()).checks), []));
    });

    it("names the route that is not admitted, and nothing else, and ends with a code of its own", async () => {
      await eventually("the route's refusal", async () => {
        const { code, checks } = await verify();
        assert.deepEqual(
          wrong(checks).map(({ check, subject, result }) => [check, subject, result]),
          [["route", "HTTPRoute whoami/whoami", "failed"]],
        );
        assert.equal(code, 22);
      });
    });
  });

  it("is beside a bill of materials of what runs, which stays the same while nothing changes", async () => {
    const bill = async () => {
      const { code, stdout } = await stack.operation("sbom");
      assert.equal(code, 0);
      return JSON.parse(stdout) as { serialNumber: string; components: { name: string; version: string }[] };
    };
    const { serialNumber, components } = await bill();
    const { certManager, envoyGateway, gatewayApi } = versionSets.current;
    for (const [name, version] of [
      ["quay.io/jetstack/cert-manager-controller", `v${certManager}`],
      ["docker.io/envoyproxy/gateway", `v${envoyGateway}`],
      ["docker.io/traefik/whoami", "v1.11.0"],
      ["cert-manager", `v${certManager}`],
      ["gateway-helm", `v${envoyGateway}`],
      ["gateway-api", `v${gatewayApi}`],
    ])
      assert.ok(
        components.some((each) => each.name === name && each.version === version),
        `${name} ${version} in ${JSON.stringify(components)}`,
      );
    assert.equal((await bill()).serialNumber, serialNumber);
  });

  it("finds a host that was added by https-edge add-host, which refuses one that is served", async () => {
    const add = (...args: string[]) =>
      stack.operation("add-host", `echo.${domain}`, "--service", "whoami/whoami", "--name", "echo", ...args);
    const printed = await add("--print");
    assert.equal(printed.code, 0, printed.output);
    assert.match(printed.stdout, /^kind: HTTPRoute$/m);
    const { code, output: said } = await add("--yes");
    try {
      assert.equal(code, 0, said);
      assert.match(said, new RegExp(`https://echo\\.${domain.replaceAll(".", "\\.")} is served at `));
      await eventually("the new host", async () => assert.equal((await ask(`echo.${domain}`)).status, 200));
      const { checks } = await verify();
      assert.ok(checks.some(({ check, subject }) => check === "route" && subject === "HTTPRoute whoami/echo"));
      const again = await add("--yes");
      assert.equal(again.code, 20, again.output);
      assert.match(again.output, /the host must be free, got echo\S+, which HTTPRoute whoami\/echo serves/);
    } finally {
      await output(["kubectl", "delete", "httproute", "-n", "whoami", "echo"]);
    }
  });
});
