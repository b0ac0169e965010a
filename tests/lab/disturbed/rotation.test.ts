import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { accountId, nodes, tokens, until } from "../../../lab";
import { asToken, mintedTokens, requestsFromNow, state, withFault } from "../support/cloudflare";
import { get, names, tokenInSecret } from "../support/cluster";
import { edgeToChange, serving } from "../support/edge";
import { diagnosticsOf, kill, type Stack, shortWait, upAlone } from "../support/stack";

const ofAccount = `accounts/${accountId}/tokens`;
const creation = { method: "POST", path: `/${ofAccount}$` };

/** The one token that there is. */
const only = async () => {
  const [token, ...others] = await mintedTokens();
  assert.deepEqual(others, []);
  return token ?? assert.fail("no token was minted");
};

const secret = () => get("secret", "cloudflare-api-token", "cert-manager");
const proven = async () => (await secret()).metadata.annotations?.["https-edge/proven"];

describe("A rotation of the token at Cloudflare", () => {
  let stack: Stack;
  let restore: () => Promise<void>;
  before(async () => {
    ({ stack, restore } = await edgeToChange());
    stack.set(...shortWait);
  });
  after(() => restore());

  /** The new token works, cert-manager was seen to use it, and neither another token nor anything of its proof is left. */
  const isThrough = async (old: { id: string }): Promise<void> => {
    const token = await only();
    assert.deepEqual([token.status, await proven()], ["active", token.id]);
    assert.notEqual(token.id, old.id);
    const [zone] = (await state()).zones.filter(({ name }) => name === "example.com");
    assert.equal((await asToken(await tokenInSecret(), "GET", `zones/${zone?.id}/dns_records`)).status, 200);
    assert.deepEqual(await names("certificates.cert-manager.io"), ["wildcard-staging-example-com"]);
    assert.deepEqual(
      (await names("secrets")).filter((name) => name.startsWith("prove-")),
      [],
    );
  };

  it("by the command, with a renewal under way, deletes the old token when cert-manager has used the new one, and nothing fails", async () => {
    const old = await only();
    const { uid } = (await secret()).metadata;
    const asked = requestsFromNow();
    const [rotated, renewed] = await Promise.all([
      stack.operation("rotate", "--yes", "--json"),
      stack.operation("renew", "--yes"),
    ]);
    assert.deepEqual([rotated.code, renewed.code], [0, 0], `${rotated.output}\n${renewed.output}`);
    const token = await only();
    assert.deepEqual(JSON.parse(rotated.stdout), {
      tokens: [{ id: token.id, name: token.name, accountId }],
      deleted: [],
    });
    await isThrough(old);
    assert.equal((await secret()).metadata.uid, uid);

    const log = await asked();
    const created = log.findLastIndex(({ method, path }) => method === "POST" && path.endsWith(`/${ofAccount}`));
    const deleted = log.findLastIndex(({ method, path }) => method === "DELETE" && path.endsWith(`/tokens/${old.id}`));
    const since = log.slice(created, deleted);
    const has = (what: string, agent: RegExp, part: string) =>
      assert.ok(
        since.some(
          ({ token: by, method, path, userAgent }) =>
            by === token.name && method === what && path.includes(part) && agent.test(userAgent),
        ),
        `${what} by the new token before the old one is deleted`,
      );
    has("GET", /^node/, "/dns_records");
    has("POST", /^cert-manager/, "/dns_records");
    has("DELETE", /^cert-manager/, "/dns_records/");
    const refused = log.slice(created).filter(({ status = 0, path }) => status >= 400 && !path.includes("/tokens"));
    assert.deepEqual(refused, []);
  });

  it("to one of the user that ends and is taken from the cluster alone, says when it ends", async () => {
    const old = await only();
    const expires = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    const ranges = nodes.map(({ pods }) => pods); // by which the lab's pods reach its internet
    stack.setBlocks({ cloudflare: { owner: "user", expires, requestIp: { in: ranges } } });
    await stack.up();
    await stack.succeed("preview", "--expect-no-changes");
    const { account, expires_on, condition, id, name } = await only();
    assert.deepEqual(
      { account, expires_on, condition },
      { account: undefined, expires_on: `${expires}T00:00:00Z`, condition: { request_ip: { in: ranges } } },
    );
    assert.notEqual(id, old.id);
    assert.equal(await proven(), id);
    const { status, errors } = await asToken(await tokenInSecret(), "GET", "zones");
    assert.equal(status, 403);
    assert.match(errors[0]?.message ?? "", /^Cannot use the access token from location: 198\.51\.100\./);
    assert.match(
      await stack.succeed("preview"),
      new RegExp(`warning: The Cloudflare token "${name}" expires on ${expires}T00:00:00Z, in [45] days`),
    );
  });

  it("waits as long as a busy API asks it to, here back to the account's, in a period of so many days", async () => {
    const old = await only();
    stack.setBlocks({ cloudflare: { maxAgeDays: 90 } });
    const asked = requestsFromNow();
    await withFault({ ...creation, status: 429, retryAfter: 1, times: 1 }, () => stack.up().then(() => {}));
    const refused = (await asked()).filter(({ status }) => status === 429);
    assert.equal(refused.length, 1);
    await isThrough(old);
  });

  it("that fails loses nothing: the old token serves, and the next one goes on", async () => {
    const old = await only();
    const { resourceVersion } = (await secret()).metadata;
    await withFault({ ...creation, status: 500, message: "out of order" }, async () => {
      const { code, output } = await stack.operation("rotate", "--yes");
      assert.notEqual(code, 0);
      assert.match(output, /out of order/);
      assert.match(output, /The token before is not deleted; https-edge rotate goes on\./);
    });
    assert.equal((await secret()).metadata.resourceVersion, resourceVersion);
    assert.equal((await only()).id, old.id);
  });

  it("keeps the old token while cert-manager could not use the new one, and tries again with the next up", async () => {
    const old = await only();
    const { pid, ended } = stack.start(...upAlone);
    assert.ok(pid);
    // Somebody deletes the challenge's record before Let's Encrypt has looked.
    const record = await until(
      "the record of the proof",
      async () => (await state()).records.find(({ name }) => name.startsWith("_acme-challenge.https-edge-")),
      { every: 100 },
    );
    const [zone] = (await state()).zones.filter(({ name }) => name === record.zone);
    await asToken(tokens.deploy, "DELETE", `zones/${zone?.id}/dns_records/${record.id}`);
    const { code, output } = await ended;
    assert.notEqual(code, 0);
    assert.match(
      diagnosticsOf(output),
      /the Cloudflare token "https-edge staging\.example\.com \w{8}" must be used by cert-manager, got .*\(the token before it is not deleted; mend the cause and run pulumi up again, which tries again\)/,
    );
    assert.deepEqual((await mintedTokens()).map(({ id }) => id).includes(old.id), true);
    assert.equal((await mintedTokens()).length, 2);
    assert.equal(await proven(), old.id);
    await stack.up();
    await isThrough(old);
  });

  it("lets go of an old token that Cloudflare has deleted without being heard, which the provider cannot delete again", async () => {
    const old = await only();
    stack.set("https-edge:cloudflare.rotation", `after ${old.id}`);
    await withFault({ method: "DELETE", path: `/${ofAccount}/${old.id}$`, lost: true, times: 1 }, async () => {
      const { code } = await stack.start(...upAlone).ended;
      assert.notEqual(code, 0);
    });
    await isThrough(old);
    const { code, output } = await stack.operation("rotate", "--yes");
    assert.equal(code, 0, output);
    assert.ok(output.includes(`(${old.id}) is gone at Cloudflare; the stack lets go of it.`), output);
    await isThrough(old);
    await stack.succeed("preview", "--expect-no-changes");
  });

  describe("that is killed", () => {
    /** Begins a rotation, kills it once the moment has come, and has the command finish it. */
    const finishes = async (moment: () => Promise<boolean>): Promise<string> => {
      const old = await only();
      const before = await proven();
      assert.equal(before, old.id);
      stack.set("https-edge:cloudflare.rotation", `after ${old.id}`);
      const { pid, ended } = stack.start(...upAlone);
      assert.ok(pid);
      await until("the moment", moment, { every: 50 });
      kill(pid);
      await ended;
      await stack.succeed("cancel", "--yes");
      const { code, output } = await stack.operation("rotate", "--yes");
      assert.equal(code, 0, output);
      await isThrough(old);
      return output;
    };

    it("while Cloudflare creates the token, is finished by the command, which deletes the token that nobody knows", async () => {
      await withFault({ ...creation, delay: 3_000, times: 1 }, async () => {
        // The fault is spent as soon as Cloudflare has the request.
        const output = await finishes(async () => (await state()).faults.length === 0);
        assert.match(output, /Token "https-edge .*" \(\w+\), which a killed run had left, is deleted\./);
      });
    });

    it("while cert-manager proves it, is finished by the command", async () => {
      await finishes(async () => (await names("certificates.cert-manager.io")).includes("prove-cloudflare-api-token"));
    });

    it("before the old token is deleted, is finished by the command", async () => {
      const old = await only();
      await finishes(async () => (await proven()) !== old.id);
    });

    it("is not taken for open when the next one is asked for", async () => {
      const old = await only();
      const { code, output } = await stack.operation("rotate", "--yes");
      assert.equal(code, 0, output);
      await isThrough(old);
    });

    it("leaves an edge that serves", async () => {
      await serving();
      await stack.succeed("preview", "--expect-no-changes");
    });
  });
});
