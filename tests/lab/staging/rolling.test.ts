import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import {
  changes,
  drain,
  drained,
  type Load,
  proxyPods,
  renewal,
  startLoads,
  until,
  whileBalancerIsLate,
} from "../../../lab";
import { domain, stagingEdge } from "../support/edge";
import { eventually } from "../support/eventually";
import { type Stack, shortWait } from "../support/stack";

describe("Under a steady load by HTTP/1.1 and HTTP/2, over new connections and kept ones, no request fails", () => {
  let stack: Stack;
  let restore: (() => Promise<void>) | undefined;
  const loads: [string, Load][] = [];
  before(async () => {
    stack = await stagingEdge();
    const accept = ({ status }: { status: number }) => status === 200;
    for (const host of [`whoami.${domain}`, domain])
      for (const [kind, load] of Object.entries(startLoads(host, { every: 100, accept })))
        loads.push([`${host} ${kind}`, load]);
  });
  after(async () => {
    await Promise.all(loads.map(([, { stop }]) => stop()));
    await restore?.();
  });

  /** Each client always got its answer, and has asked again and again since. */
  const nothingFails = async (during: () => Promise<unknown>): Promise<void> => {
    await during();
    const before = loads.map(([, { outcome }]) => outcome.requests);
    await until("requests of each client afterwards", async () =>
      loads.every(([, { outcome }], index) => outcome.requests > (before[index] ?? 0) + 5),
    );
    for (const [kind, { outcome }] of loads) assert.deepEqual(outcome.failures, [], kind);
  };

  const proxies = (number: number): Promise<void> =>
    eventually(`${number} proxies`, async () => assert.equal((await proxyPods()).length, number));

  it("when there are more proxies, another annotation and another landing page", () =>
    nothingFails(async () => {
      restore = stack.keepSettings();
      stack.set("https-edge:gateway.replicas", "3");
      stack.set('https-edge:gateway.annotations["example.com/changed"]', "yes");
      stack.set("https-edge:landing.title", "Changed");
      stack.set(...shortWait);
      await stack.up();
      await proxies(3);
    }));

  it("during a renewal by https-edge renew", () => nothingFails(renewal.make));

  it("when there are as many proxies as before", () =>
    nothingFails(async () => {
      await restore?.();
      restore = undefined;
      await proxies(2);
    }));

  it("during a drain of a node, which the load balancer sees 20 s late: until then the node takes what it is sent", () =>
    nothingFails(async () => assert.equal(await whileBalancerIsLate(20, drain.make), 0)));

  for (const { what, make } of changes) it(`during a ${what}`, () => nothingFails(make));

  it("until the last proxy that was replaced has ended", () => nothingFails(drained));

  it("and clients that keep their connections open new ones only when a proxy has ended", () => {
    for (const [kind, { outcome }] of loads)
      if (kind.endsWith("kept")) {
        assert.ok(outcome.connections > 1, `${kind}: ${outcome.connections} connections`);
        assert.ok(outcome.connections < outcome.requests / 4, `${kind}: ${outcome.connections} connections`);
      }
  });

  it("and the proxies are on different nodes afterwards", async () => {
    const nodes = (await proxyPods()).map(({ spec }) => spec.nodeName);
    assert.equal(new Set(nodes).size, 2, nodes.join(", "));
  });
});
