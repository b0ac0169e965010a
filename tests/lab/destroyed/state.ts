/** The tests in here look at what is left of the shared edge once it is destroyed. */
import { stagingEdge } from "../support/edge";

export const mochaHooks = {
  beforeAll: async (): Promise<void> => (await stagingEdge()).destroy(),
};
