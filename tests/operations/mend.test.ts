import assert from "node:assert/strict";
import { mend } from "../../operations/mend";
import { type Answers, withApi } from "../support/cloudflareApi";
import { fails, saying } from "../support/command";
import { FakePulumi } from "../support/pulumi";
import { stateOf } from "../support/stackState";

const zoneId = "20e00000000000000000000000000001";
const inputs = { zoneId, name: "example.com", type: "A", content: "198.51.100.20", comment: "HTTPS edge", ttl: 1 };
const record = (id: string, more: object = {}) => ({
  urn: "urn:pulumi:prod::edges::x::record",
  type: "cloudflare:index/dnsRecord:DnsRecord",
  id,
  inputs,
  ...more,
});

/** A state with these records, in which the creation of another had begun. */
const begun = (...known: object[]) => {
  const { version, deployment } = stateOf({ kubeconfig: "k" });
  const operations = [{ type: "creating", resource: record("") }];
  return { version, deployment: { resources: [...deployment.resources, ...known], pending_operations: operations } };
};

describe("https-edge mend", () => {
  let pulumi: FakePulumi;
  const credentialBefore = process.env.CLOUDFLARE_API_TOKEN;
  beforeEach(() => {
    pulumi = new FakePulumi({});
    pulumi.write("config", "{}");
    process.env.CLOUDFLARE_API_TOKEN = "deploying-0123456789012345678901234567890123456";
  });
  afterEach(() => {
    pulumi.remove();
    if (credentialBefore === undefined) delete process.env.CLOUDFLARE_API_TOKEN;
    else process.env.CLOUDFLARE_API_TOKEN = credentialBefore;
  });

  /** What it says, and which records it has deleted, where Cloudflare has these. */
  const run = async (records: object[], yes = true, refused?: ReturnType<Answers>) => {
    const deleted: string[] = [];
    const result = await withApi(
      () => saying(() => mend({ yes })),
      ({ method, path }) => {
        const { pathname, searchParams } = new URL(path, "http://api");
        if (method === "DELETE") deleted.push(pathname);
        else assert.deepEqual([searchParams.get("name.exact"), searchParams.get("type")], ["example.com", "A"]);
        return refused ?? { result: records };
      },
    );
    return { ...result, deleted };
  };

  it("makes the stack readable, and says so", async () => {
    pulumi.write(".pulumi/stacks/edges/prod.json.attrs", "");
    assert.match((await run([])).said, /^Deleted the empty /);
    assert.match((await run([])).said, /nothing to mend/);
  });

  it("deletes a DNS record that a killed run has created and could not note, and no other", async () => {
    pulumi.write("state", JSON.stringify(begun(record("known"))));
    const { code, said, deleted } = await run([
      { ...inputs, id: "known" },
      { ...inputs, id: "elsewhere", content: "198.51.100.21" },
      { ...inputs, id: "of-somebody", comment: "shop" },
      { ...inputs, id: "orphan" },
    ]);
    assert.equal(code, 0);
    assert.deepEqual(deleted, [`/zones/${zoneId}/dns_records/orphan`]);
    assert.equal(
      said,
      [
        "DNS record A example.com 198.51.100.20 was created by a killed run, and the stack does not know it.",
        "DNS record A example.com 198.51.100.20 is deleted; pulumi up creates it.",
      ].join("\n"),
    );
  });

  it("has nothing to do where Cloudflare has not created it", async () => {
    pulumi.write("state", JSON.stringify(begun()));
    const { said, deleted } = await run([{ ...inputs, id: "of-somebody", comment: "" }]);
    assert.deepEqual(deleted, []);
    assert.match(said, /nothing to mend/);
  });

  it("deletes none unasked", async () => {
    pulumi.write("state", JSON.stringify(begun()));
    await fails(run([{ ...inputs, id: "orphan" }], false), 2, /^--yes must be given where nobody can be asked$/);
  });

  it("says what to do by hand where Cloudflare cannot be asked", async () => {
    pulumi.write("state", JSON.stringify(begun()));
    const refused = { status: 403, errors: [{ code: 9109, message: "Invalid access token" }] };
    await fails(
      run([], true, refused),
      21,
      /got 403 Invalid access token \(9109\) \(if pulumi up is told 81058, delete it by hand\)$/,
    );
    delete process.env.CLOUDFLARE_API_TOKEN;
    await fails(run([]), 21, /got neither cloudflare:apiToken nor CLOUDFLARE_API_TOKEN is set/);
  });
});
