import assert from "node:assert/strict";
import { Pending } from "./pending";

const namespace = "kubernetes:core/v1:Namespace whoami";
const release = "kubernetes:helm.sh/v3:Release edge-cert-manager";

describe("What pulumi up works on", () => {
  let pending: Pending;
  beforeEach(() => {
    pending = new Pending(0);
  });
  const isPulumi = () => assert.equal(pending.awaited(60_000)?.what, "Pulumi");

  it("is Pulumi itself while it says nothing, as in a preview", () => {
    assert.deepEqual(pending.awaited(3_000), { what: "Pulumi", time: "3 s so far" });
    for (const line of ["Previewing update (staging):", ` +  ${namespace} create`, "", "    + 63 created"])
      assert.ok(pending.hear(line, 5_000));
    assert.equal(pending.awaited(7_000), undefined);
    assert.deepEqual(pending.awaited(9_000), { what: "Pulumi", time: "4 s so far" });
  });

  it("is the resource that began first, until it is done", () => {
    pending.hear(` +  ${release} creating (0s)`, 0);
    pending.hear(` +  ${namespace} creating (0s)`, 1_000);
    pending.hear(` +  ${release} creating (2s) Waiting for the webhook`, 2_000);
    assert.deepEqual(pending.awaited(5_000), { what: release, time: "5 s so far, beside 1 more" });
    pending.hear(` +  ${release} created (5s)`, 5_000);
    assert.deepEqual(pending.awaited(6_000), { what: namespace, time: "5 s so far" });
    pending.hear(` +  ${namespace} **creating failed** error: it exists`, 6_000);
    isPulumi();
  });

  it("is found whatever the colours and whatever is done", () => {
    pending.hear(` \x1b[33m++\x1b[0m ${namespace} \x1b[33mcreating replacement (0s)\x1b[0m [diff: ~spec]`, 0);
    assert.equal(pending.awaited(3_000)?.what, namespace);
    pending.hear(` ++ ${namespace} creating (interrupted)`, 4_000);
    isPulumi();
  });

  it("is no component, because a component ends with its last resource", () => {
    pending.hear(" +  pulumi:pulumi:Stack https-edge-staging creating (0s)", 0);
    pending.hear(" +  https-edge:index:HttpsEdge edge creating (0s)", 0);
    isPulumi();
  });

  it("ignores Pulumi's dots, and does not show them", () => {
    assert.equal(pending.hear("\x1b[33m@ updating......\x1b[0m", 0), false);
  });
});
