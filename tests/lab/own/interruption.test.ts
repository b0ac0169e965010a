import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { ask, output, tokens, until } from "../../../lab";
import { asToken, mintedTokens, state, withFault } from "../support/cloudflare";
import { names, tokenInSecret } from "../support/cluster";
import { domain, serving } from "../support/edge";
import { eventually } from "../support/eventually";
import { kill, Stack, upAlone } from "../support/stack";

/** UID of the record of Helm's release of cert-manager while that is being installed. */
const pending = async (): Promise<string> => {
  const secrets = ["kubectl", "get", "secrets", "-n", "cert-manager", "-l", "status=pending-install"];
  const found = await output([...secrets, "-o", "jsonpath={.items[*].metadata.uid}"]).catch(() => ""); // no namespace yet
  return found.trim();
};

const certificateIsAwaited = async () => (await names("challenges.acme.cert-manager.io")).length > 0;

/** As a terminal does: to the process group, in which Pulumi's plugins are not. */
const ctrlC = (pid: number) => process.kill(-pid, "SIGINT");

/** How often an `up` is killed at random, and the number from which it follows when. */
const points = Number(process.env.POINTS ?? 5);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
const random = xoroshiro128plus(seed);

/** In each round: while an edge is put up anew, but for the first round's, and while it is changed; and the lines of Pulumi's progress to choose from. */
const rounds = [{ first: 0, changed: 5 }, ...Array(Math.ceil(points / 5) - 1).fill({ first: 3, changed: 2 })];
const most = { first: 60, changed: 30 };

describe("An up that is interrupted", () => {
  let stack: Stack;
  const create = async (): Promise<void> => {
    stack = await Stack.create("staging", "interruption");
    // Long enough to find the certificate awaited, short enough to wait for it.
    stack.set("https-edge:acme.waitInsteadOfSelfCheck", "15s");
  };
  before(create);
  after(() => stack.destroy());

  /** Starts an up, and ends it in its own way once the moment has come; what it said. */
  const interrupt = async (
    end: (pid: number) => void,
    moment: () => Promise<boolean>,
    command = upAlone,
  ): Promise<string> => {
    const { pid, ended } = stack.start(...command);
    const tooLate = ended.then(({ output: said }) => assert.fail(`up ended before the moment:\n${said}`));
    await Promise.race([until("the moment", moment, { seconds: 600, every: 100 }), tooLate]);
    tooLate.catch(() => {}); // it ends now, as it is told to
    assert.ok(pid);
    end(pid);
    return (await ended).output;
  };

  it("by a kill while Helm installs, has left a release pending", async () => {
    await interrupt(kill, async () => (await pending()) !== "" && (await names("deployments")).length > 1);
    await stack.succeed("cancel", "--yes");
    assert.notEqual(await pending(), "");
  });

  it("and by Ctrl-C while it installs anew, says what it forgets", async () => {
    const former = await pending();
    const said = await interrupt(ctrlC, async () => ![former, ""].includes(await pending()));
    assert.match(
      said,
      /Helm release (cert-manager|eg) was left pending-install by an interrupted run; its Secret \S+ is deleted/,
    );
  });

  it("and by a kill while the certificate is awaited, goes on with the next up, and then there is nothing left to do", async () => {
    await interrupt(kill, certificateIsAwaited);
    await stack.succeed("cancel", "--yes");
    await stack.up();
    await serving();
    await stack.succeed("preview", "--expect-no-changes");
  });

  it("and by a kill while Cloudflare creates records, is made good by mend and the next up", async () => {
    const addresses = async () => (await state()).records.filter(({ type }) => type === "A");
    const [zone] = (await state()).zones.filter(({ name }) => name === "example.com");
    for (const { id } of await addresses())
      await asToken(tokens.deploy, "DELETE", `zones/${zone?.id}/dns_records/${id}`);
    const creation = { method: "POST", path: "/dns_records$", token: "deploy", delay: 3_000, times: 2 };
    await withFault(creation, async () => {
      // The fault is spent as soon as Cloudflare has both requests.
      await interrupt(kill, async () => (await state()).faults.length === 0, [...upAlone, "--refresh"]);
      await until("records that nobody waits for", async () => (await addresses()).length === 2);
    });
    await stack.succeed("cancel", "--yes");
    const { code, output: said } = await stack.operation("mend", "--yes");
    assert.equal(code, 0, said);
    assert.equal([...said.matchAll(/^DNS record A \S+ \S+ is deleted; pulumi up creates it\.$/gm)].length, 2, said);
    await stack.up();
    await serving();
    await stack.succeed("preview", "--expect-no-changes");
  });

  describe(`at ${points} random points (SEED=${seed})`, () => {
    let left = points;
    let killed = 0;
    after(() => assert.ok(killed > points / 2, `killed ${killed} times, and ended before at the others`));

    /** Runs an `up` that is killed when it has said so many lines, as a whole container is; unless it has ended before. */
    const upUntil = async (line: number): Promise<void> => {
      let said = 0;
      const { pid, ended } = stack.startHearing(upAlone, () => {
        said += 1;
        if (said !== line || pid === undefined) return;
        killed += 1;
        kill(pid);
      });
      await ended;
      // A kill while the file backend wrote, or while Cloudflare created a record.
      const { code, output: mended } = await stack.operation("mend", "--yes");
      assert.equal(code, 0, mended);
      await stack.succeed("cancel", "--yes");
    };
    const killAtTimes = async (times: number, lines: number, change: () => void): Promise<void> => {
      for (let time = 0; time < times && left > 0; time++, left--) {
        change();
        await upUntil(uniformInt(random, 1, lines));
      }
    };

    /** All serves, nothing is left to do, and nothing is there twice. */
    const stands = async (): Promise<void> => {
      await serving();
      await stack.succeed("preview", "--expect-no-changes", "--refresh");
      const records = (await state()).records.map(({ name, type }) => `${type} ${name}`);
      assert.deepEqual(records, [...new Set(records)]);
      assert.equal((await asToken(await tokenInSecret(), "GET", "zones")).status, 200);
    };

    /** Another token, another number of proxies, and another page. */
    const change = (): void =>
      stack.setBlocks({
        cloudflare: { rotation: `kill ${left}` },
        gateway: { replicas: 2 + (left % 2), annotations: { "example.com/kill": `${left}` } },
        landing: { title: `Kill ${left}` },
      });

    for (const [round, { first, changed }] of rounds.entries()) {
      if (first > 0)
        it(`is made good by the next up, while an edge is put up, round ${round + 1}`, async () => {
          await stack.destroy();
          await create();
          await killAtTimes(first, most.first, () => {});
          await stack.up();
          await stands();
        });

      it(`is made good by the next up, while an edge is changed, and rotate leaves one token, round ${round + 1}`, async () => {
        change(); // also where no kill is left for this round
        await killAtTimes(changed, most.changed, change);
        await stack.up();
        await stands();
        await eventually("the last title", async () => assert.match((await ask(domain)).body, /<title>Kill \d+</));
        const { code, output: said } = await stack.operation("rotate", "--yes");
        assert.equal(code, 0, said);
        assert.equal((await mintedTokens()).length, 1);
      });
    }
  });

  describe("and a destroy that Cloudflare's answer does not reach", () => {
    it("is made good by the command, which lets go of what is gone", async () => {
      const lost = { method: "DELETE", path: "/dns_records/", token: "deploy", lost: true, times: 1 } as const;
      await withFault(lost, async () => {
        const { code, output: said } = await stack.run("destroy", "--yes", "--skip-preview");
        assert.notEqual(code, 0);
        assert.match(said, /DELETE "\S+\/dns_records\/\w+": 404/);
      });
      const { code, output: said } = await stack.operation("destroy", "--yes", "--skip-preview");
      assert.equal(code, 0, said);
      assert.match(said, /DnsRecord \S+ A \S+: the stack lets go of it, as it is gone at Cloudflare/);
      assert.deepEqual([(await state()).records, await mintedTokens()], [[], []]);
    });
  });
});
