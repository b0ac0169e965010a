/** The provider under the engine, asking an API that gives the answer which a test has set. */
import { Engine } from "./engine";
import { type Answer, type FakeApi, startApi } from "./fakeApi";

/** What the tests of a suite share. */
export interface Answering {
  api: FakeApi;
  engine: Engine;
  answer: Answer;
}

/** Puts both up for the suite that calls it, and takes them down after it. What was asked is forgotten before each test. */
export const answering = (): Answering => {
  const shared = {} as Answering; // complete before the first test
  before(async () => {
    shared.api = await startApi(() => shared.answer);
    shared.engine = await Engine.start({ apiToken: "t".repeat(40), baseUrl: shared.api.baseUrl });
  });
  beforeEach(() => shared.api.asked.splice(0));
  after(() => {
    shared.engine.stop();
    shared.api.close();
  });
  return shared;
};
