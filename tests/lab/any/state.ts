/** The tests in here look at the lab itself, whatever was done in it: the last of a run. */
export const mochaHooks = {};
