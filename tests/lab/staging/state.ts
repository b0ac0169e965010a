/** The tests in here share one edge, put up from the committed staging stack, and leave it as it was. */
import { stagingEdge } from "../support/edge";

export const mochaHooks = {
  beforeAll: async (): Promise<void> => {
    await stagingEdge();
  },
};
