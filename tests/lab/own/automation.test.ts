import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask, type Ended, rootOf } from "../../../lab";
import { mintedTokens, state } from "../support/cloudflare";
import { names } from "../support/cluster";
import { eventually } from "../support/eventually";
import { Example } from "../support/example";

const domain = "automation.example.com";
const edge = ["--domain", domain, "--zone", "example.com", "--wait", "3s"];

describe("An edge by the Automation API", () => {
  let example: Example;
  before(async () => {
    example = await Example.install("automation", "dev");
  });
  after(() => example.clear());

  const run = (...args: string[]): Promise<Ended> => example.do(["node", "--import", "tsx", "index.ts", ...args]);
  const succeed = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, output } = await run(...args);
    assert.equal(code, 0, output);
    return JSON.parse(stdout);
  };

  it("teaches how it is called, and refuses what it does not know with a code of its own", async () => {
    const { code, stdout } = await run("--help");
    assert.equal(code, 0);
    assert.match(stdout, /destroy {3}takes the edge away/);
    for (const [args, says] of [
      [["launch", ...edge], /the command must be one of preview, up, outputs, destroy/],
      [["up"], /--domain must be given/],
      [["up", "--domian", domain], /Unknown option '--domian'/],
    ] as const) {
      const refused = await run(...args);
      assert.equal(refused.code, 2);
      assert.match(refused.output, says);
    }
  });

  it("names a wrong setting before anything is made", async () => {
    const { code, output } = await run("up", "--domain", "*.example.com");
    assert.equal(code, 1);
    assert.match(output, /domains\[0\]\.name must be a bare name such as example\.com, got "\*\.example\.com"/);
    assert.doesNotMatch(output, /unhandled|^ *at /m);
    assert.deepEqual(await mintedTokens(), []);
  });

  it("previews it, puts it up with its progress, and tells its outputs", async () => {
    const { create } = (await succeed("preview", ...edge)) as { create: number };
    assert.ok(create > 50, `${create} to create`);
    const { code, stdout, stderr } = await run("up", ...edge);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /HttpsEdge edge creating/);
    await eventually("HTTPS", async () => {
      const { status, certificate } = await ask(domain, { roots: [rootOf("staging")] });
      assert.equal(status, 200);
      assert.ok(certificate.names.includes(`*.${domain}`));
    });
    assert.deepEqual(await succeed("outputs", ...edge), JSON.parse(stdout));
    const { records } = await state();
    const { addresses } = JSON.parse(stdout) as { addresses: { value: string }[] };
    assert.deepEqual(
      [...new Set(records.map(({ content }) => content))],
      addresses.map(({ value }) => value),
    );
  });

  it("takes it away", async () => {
    await succeed("destroy", ...edge);
    assert.deepEqual(await names("namespaces"), ["default", "kube-node-lease", "kube-public", "kube-system"]);
    assert.deepEqual((await state()).records, []);
  });
});
