import assert from "node:assert/strict";
import { type RotateOptions, rotate } from "../../operations/rotate";
import { type Answers, withApi } from "../support/cloudflareApi";
import { fails, saying } from "../support/command";
import { FakePulumi } from "../support/pulumi";
import { stateOf } from "../support/stackState";

const type = "cloudflare:index/accountToken:AccountToken";
const account = "a".repeat(32);
const tokens = `/accounts/${account}/tokens`;
const credential = "deploying-0123456789012345678901234567890123456";

/** A token as the state has it. */
const token = (id: string, hex: string, more: object = {}) => ({
  urn: "urn:pulumi:prod::edges::x::token",
  type,
  id,
  inputs: { name: `https-edge example.com ${hex}`, accountId: account },
  ...more,
});

describe("https-edge rotate", () => {
  let pulumi: FakePulumi;
  const credentialBefore = process.env.CLOUDFLARE_API_TOKEN;
  beforeEach(() => {
    pulumi = new FakePulumi(holding([token("t1", "c0ffee00")]));
    pulumi.write("config", "{}");
    process.env.CLOUDFLARE_API_TOKEN = credential;
  });
  afterEach(() => {
    pulumi.remove();
    if (credentialBefore === undefined) delete process.env.CLOUDFLARE_API_TOKEN;
    else process.env.CLOUDFLARE_API_TOKEN = credentialBefore;
  });

  const holding = (resources: object[], pending: object[] = []) => {
    const { version, deployment } = stateOf({ kubeconfig: "k" });
    const operations = pending.map((resource) => ({ type: "creating", resource }));
    return {
      version,
      deployment: { resources: [...deployment.resources, ...resources], pending_operations: operations },
    };
  };
  /** What the state is after `pulumi up`. */
  const afterUp = (...resources: object[]) => pulumi.write("after", JSON.stringify(holding(resources)));
  const run = (options: Partial<RotateOptions> = {}, api?: Answers) =>
    withApi(() => saying(() => rotate({ stack: "prod", yes: true, ...options })), api);
  /** What was set and run, in turn. */
  const done = (): string[] => pulumi.calls.filter((call) => /^(up|refresh|config set) /.test(call));

  it("sets the moment as the rotation, and runs pulumi up", async () => {
    afterUp(token("t2", "00c0ffee"));
    const { code, said } = await run();
    assert.equal(code, 0, said);
    const [set, up, ...more] = done();
    assert.match(set ?? "", /^config set --path https-edge:cloudflare\.rotation \d{4}-\d\d-\d\dT[\d:.]+Z --stack prod/);
    assert.equal(up, "up --yes --skip-preview --stack prod");
    assert.deepEqual(more, []);
    assert.equal(
      said,
      [
        'Token "https-edge example.com c0ffee00" stands.',
        'Token "https-edge example.com 00c0ffee" stands, and cert-manager uses it.',
      ].join("\n"),
    );
  });

  for (const [what, before] of [
    ["has not deleted the token before", holding([token("t1", "c0ffee00", { delete: true }), token("t2", "00c0ffee")])],
    ["was killed while it created a token", holding([token("t1", "c0ffee00")], [token("", "00c0ffee")])],
  ] as const) {
    it(`goes on with a rotation that ${what}, and begins no other`, async () => {
      pulumi.write("state", JSON.stringify(before));
      afterUp(token("t2", "00c0ffee"));
      const { code, said } = await run();
      assert.equal(code, 0, said);
      assert.deepEqual(done(), ["up --yes --skip-preview --stack prod"]);
      assert.match(said, /\nA rotation was interrupted; it goes on\.\n/);
    });
  }

  it("begins another where the state still tells of a creation that a later run has ended", async () => {
    pulumi.write("state", JSON.stringify(holding([token("t1", "c0ffee00")], [token("", "c0ffee00")])));
    afterUp(token("t2", "00c0ffee"));
    const { code, said } = await run();
    assert.equal(code, 0, said);
    assert.deepEqual(
      done().map((call) => call.split(" ")[0]),
      ["config", "up"],
    );
    assert.doesNotMatch(said, /interrupted/);
  });

  it("begins another where going on changes nothing", async () => {
    pulumi.write("state", JSON.stringify(holding([token("t1", "c0ffee00")], [token("", "0ddba11")])));
    const { code, said } = await run();
    // The pulumi of this test makes none, either.
    assert.equal(code, 22);
    assert.deepEqual(
      done().map((call) => call.split(" ")[0]),
      ["up", "config", "up"],
    );
    assert.match(said, /\nA rotation was interrupted; it goes on\.\nIt had ended before; another begins\.\n/);
  });

  it("deletes the tokens that a killed run has left, by their name, on whatever page, and no other", async () => {
    pulumi.write("state", JSON.stringify(holding([token("t1", "c0ffee00")], [token("", "00c0ffee")])));
    afterUp(token("t3", "00c0ffee"));
    const asked: string[] = [];
    const listed = [
      { id: "t3", name: "https-edge example.com 00c0ffee" },
      ...Array.from({ length: 48 }, (_, at) => ({ id: `o${at}`, name: `https-edge example.com ${at}` })),
      { id: "x1", name: "https-edge example.com" },
      { id: "t2", name: "https-edge example.com 00c0ffee" },
    ];
    const { code, said } = await run({ json: true }, ({ method, path, token: by }) => {
      asked.push(`${method} ${path}`);
      assert.equal(by, credential);
      const page = Number(new URL(path, "http://api").searchParams.get("page"));
      if (page === 0) return { result: { id: "t1" } };
      return { result: method === "GET" ? listed.slice((page - 1) * 50, page * 50) : { id: "t2" } };
    });
    assert.equal(code, 0);
    const pages = [1, 2].map((page) => `GET ${tokens}?page=${page}&per_page=50`);
    assert.deepEqual(asked, [`GET ${tokens}/t1`, ...pages, `DELETE ${tokens}/t2`]);
    const { name } = token("", "00c0ffee").inputs;
    assert.deepEqual(JSON.parse(said), {
      tokens: [{ id: "t3", name, accountId: account }],
      deleted: [{ id: "t2", name }],
    });
  });

  for (const [what, before, begins] of [
    ["a killed run has deleted and not noted", [token("t1", "c0ffee00", { delete: true }), token("t2", "00c0ffee")], 0],
    ["somebody has deleted", [token("t1", "c0ffee00")], 1],
  ] as const) {
    it(`lets go first of a token that ${what}, as the provider cannot delete it`, async () => {
      pulumi.write("state", JSON.stringify(holding([...before])));
      afterUp(token("t3", "00c0ffee"));
      const { code, said } = await run({}, ({ path }) =>
        path.endsWith("/t1") ? { status: 404, errors: [{ code: 1001, message: "Token not found" }] } : { result: [] },
      );
      assert.equal(code, 0, said);
      const [refresh, ...more] = done();
      assert.equal(refresh, `refresh --yes --skip-preview --target ${token("", "").urn} --stack prod`);
      assert.equal(more.length, 1 + begins);
      assert.match(
        said,
        /^Token "https-edge example\.com c0ffee00" \(t1\) is gone at Cloudflare; the stack lets go of it\.$/m,
      );
    });
  }

  it("goes no further where the stack cannot let go of one", async () => {
    pulumi.write("code", "255");
    assert.equal((await run({}, () => ({ status: 404, errors: [] }))).code, 255);
    assert.deepEqual(
      done().map((call) => call.split(" ")[0]),
      ["refresh"],
    );
  });

  it("says when Cloudflare does not tell what a killed run has left, which fails nothing", async () => {
    const refused = { status: 403, errors: [{ code: 9109, message: "Unauthorized to access requested resource" }] };
    for (const [api, why] of [
      [() => refused, "403 Unauthorized to access requested resource (9109)"],
      [() => undefined, "other side closed"],
    ] as const) {
      pulumi.write("state", JSON.stringify(holding([token("t1", "c0ffee00")])));
      afterUp(token("t2", "00c0ffee"));
      const { code, said } = await run({}, api);
      assert.equal(code, 0);
      assert.ok(said.includes(`Whether a killed run has left a token at Cloudflare could not be looked up: ${why} (`));
    }
  });

  it("ends as pulumi up does, and says that the token before stands", async () => {
    pulumi.write("code", "255");
    const { code, said } = await run();
    assert.equal(code, 255);
    assert.match(said, /\npulumi up ended with 255\. The token before is not deleted; https-edge rotate goes on\.$/);
  });

  it("tells of a program that has not made another token", async () => {
    assert.equal((await run()).code, 22);
  });

  it("refuses a stack that has created none, and asks where nobody said yes", async () => {
    await fails(run({ yes: false }), 2, /^--yes must be given where nobody can be asked$/);
    pulumi.write("state", JSON.stringify(holding([])));
    await fails(run(), 21, /^the stack must have created a token, got none \(one that was given/);
    assert.deepEqual(done(), []);
  });
});
