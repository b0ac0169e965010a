import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ask, until } from "../../../lab";
import { requestsFromNow, state } from "../support/cloudflare";
import { get, list, names, remove } from "../support/cluster";
import { domain, serving } from "../support/edge";
import { eventually } from "../support/eventually";
import { Stack, shortWait } from "../support/stack";

/** What the lab's balancer reports of the proxies' Service, by an annotation of the lab's own. */
const report = 'https-edge:gateway.annotations["lab.https-edge/report"]';
const host = `whoami.${domain}`;

/** Addresses that the Gateway has, in the order in which they are reported. */
const standing = async (): Promise<string[]> => {
  const { status } = await get("gateway", "eg", "envoy-gateway");
  return ((status?.addresses ?? []) as { value: string }[]).map(({ value }) => value);
};

/** Type and content of each record of a name, sorted. */
const recordsOf = async (name: string): Promise<string[]> =>
  (await state()).records
    .filter((record) => record.name === name && record.type !== "TXT")
    .map(({ type, content }) => `${type} ${content}`)
    .sort();

/** Fails when apex and wildcard lead to anything but these. */
const lead = async (...expected: string[]): Promise<void> => {
  for (const name of [domain, `*.${domain}`]) assert.deepEqual(await recordsOf(name), expected, name);
};

/** The proxies' Service: Envoy Gateway makes it, and makes it again. */
const service = async () => {
  const [found] = (await list("services")).filter(
    ({ metadata }) => metadata.labels?.["gateway.envoyproxy.io/owning-gateway-name"] === "eg",
  );
  assert.ok(found, "the proxies have a Service");
  return found.metadata;
};

describe("An edge whose load balancer changes", () => {
  let stack: Stack;
  before(async () => {
    stack = await Stack.create("staging", "addresses");
    stack.set(...shortWait);
    await stack.up();
    await serving();
    stack.leaveCrds();
  });
  after(() => stack.destroy());

  /** Asks the balancer for something else, and waits until the Gateway has it. */
  const change = async (to: string, has: (addresses: string[]) => boolean): Promise<string[]> => {
    stack.set(report, to);
    // As ever, the load balancer follows some time after this up.
    await stack.run("up", "--yes", "--skip-preview");
    return until(`${to} at the Gateway`, async () => {
      const addresses = await standing();
      return has(addresses) && addresses;
    });
  };

  const plainUp = (): Promise<string> => stack.up();
  const nothingToDo = (): Promise<string> => stack.succeed("preview", "--expect-no-changes");

  it("leads to the new address after one plain up when its Service was deleted, which a preview shows", async () => {
    const [old] = await standing();
    const { name, namespace } = await service();
    await remove("service", name, namespace);
    // Until then the Gateway reports the address of the Service that is gone.
    const address = await until("another Service's address", async () => {
      const [now, ...more] = await standing();
      return more.length === 0 && now !== old && now;
    });

    const preview = await stack.succeed("preview", "--diff");
    assert.match(preview, new RegExp(`content *: "${old}" => "${address}"`));
    assert.match(preview, /~ 2 to update/);
    await lead(`A ${old}`);

    await plainUp();
    await lead(`A ${address}`);
    await serving();
    await nothingToDo();
  });

  it("stops with the reason, and leaves the records, while the load balancer has no address", async () => {
    const before = await recordsOf(domain);
    await change("nothing", ({ length }) => length === 0);
    const preview = await stack.succeed("preview");
    assert.match(preview, /warning: gateway must have an address, got none/);
    const { code, output } = await stack.run("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(output, /error: gateway must have an address, got none \(.*run pulumi up again/);
    assert.deepEqual(await recordsOf(domain), before);

    await change("IPv4", ({ length }) => length === 1);
    await plainUp();
    await lead(`A ${(await standing())[0]}`);
  });

  it("gets a record for each of several addresses, IPv6 among them, and answers at all of them", async () => {
    const addresses = await change("IPv6,IPv4,IPv4", ({ length }) => length === 3);
    // The up that asked for them may have seen them already, or this one is the first to.
    await plainUp();
    const records = addresses.map((address) => `${address.includes(":") ? "AAAA" : "A"} ${address}`).sort();
    assert.deepEqual(
      records.map((record) => record.split(" ")[0]),
      ["A", "A", "AAAA"],
    );
    await lead(...records);
    for (const address of addresses)
      await eventually(`HTTPS at ${address}`, async () => assert.equal((await ask(host, { address })).status, 200));
    await nothingToDo();
  });

  it("has nothing to do when the same addresses are reported in another order", async () => {
    const before = await standing();
    const addresses = await change("IPv4,IPv6,IPv4", ([first]) => first?.includes(".") ?? false);
    assert.deepEqual([...addresses].sort(), [...before].sort());
    await nothingToDo();
  });

  it("loses the record of an address that goes, and no other one", async () => {
    const before = (await state()).records.map(({ id }) => id);
    const [kept] = await change("IPv6", ([first, ...more]) => more.length === 0 && (first?.includes(":") ?? false));
    await plainUp();
    await lead(`AAAA ${kept}`);
    for (const { id, type } of (await state()).records)
      assert.ok(type === "TXT" || before.includes(id), "the old record");
    await eventually("HTTPS over IPv6, by name", async () => {
      assert.equal((await ask(host)).status, 200);
    });
  });

  it("goes from an address to a hostname and back to two, though no CNAME stands beside another record", async () => {
    const [hostname] = await change("hostname", ([first]) => /[a-z]\.example$/.test(first ?? ""));
    await plainUp();
    await lead(`CNAME ${hostname}`);
    await serving();

    const [v6, v4] = await change("IPv6,IPv4", ({ length }) => length === 2);
    await plainUp();
    await lead(`A ${v4}`, `AAAA ${v6}`);
    await serving();
    await nothingToDo();
  });
});

describe("An edge whose load balancer is given a name of the edge", () => {
  it("is refused in one line, before anything is changed", async () => {
    const stack = await Stack.create("staging", "ownName");
    const asked = requestsFromNow();
    const key = "load-balancer.hetzner.cloud/hostname";
    stack.set(`https-edge:gateway.annotations["${key}"]`, `edge.${domain}`);
    const { code, output } = await stack.run("up", "--yes");
    assert.notEqual(code, 0);
    assert.match(
      output,
      new RegExp(
        `One setting is wrong; nothing was changed:\\s+gateway.annotations\\["${key}"\\] must be a name outside`,
      ),
    );
    assert.deepEqual(await asked(), []);
    assert.ok(!(await names("namespaces")).includes("envoy-gateway"));
    await stack.destroy();
  });
});
