/** The tests in here begin and end in a lab without an edge: each suite puts up what it needs, and takes it down. */
import assert from "node:assert/strict";
import { names } from "../support/cluster";
import { noEdge } from "../support/edge";

const empty = async (): Promise<void> =>
  assert.deepEqual(await names("namespaces"), ["default", "kube-node-lease", "kube-public", "kube-system"]);

export const mochaHooks = {
  beforeAll: async (): Promise<void> => {
    await noEdge();
    await empty();
  },
  afterAll: empty,
};
