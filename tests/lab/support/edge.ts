/** The edge that the suites of staging/ share: put up once, from the committed staging stack as it is. */
import assert from "node:assert/strict";
import { ask, askPlain } from "../../../lab";
import { eventually } from "./eventually";
import { Stack } from "./stack";

/** The domain of the committed staging stack. */
export const domain = "staging.example.com";

const copy = "tests";
let edge: Promise<Stack> | undefined;

/** The stack, up and serving; brought up by whoever asks first, which changes nothing where it is up. */
export const stagingEdge = (): Promise<Stack> => {
  edge ??= (async () => {
    const stack = await Stack.open("staging", copy);
    await stack.up();
    await serving();
    return stack;
  })();
  return edge;
};

/** The same for a test that changes it and is not about its CRDs; `restore` puts its settings back. */
export const edgeToChange = async (): Promise<{ stack: Stack; restore: () => Promise<void> }> => {
  const stack = await stagingEdge();
  const restore = stack.keepSettings();
  stack.leaveCrds();
  return { stack, restore };
};

/** Takes the shared edge down, if an earlier run left it. */
export const noEdge = async (): Promise<void> => {
  if (Stack.has(copy)) await (await Stack.open("staging", copy)).destroy();
};

/** Waits until clients see all that the edge serves: names, routes and proxies follow Pulumi's `up` with a second's delay. */
export const serving = async (): Promise<void> => {
  await eventually("whoami over HTTPS", async () => {
    assert.equal((await ask(`whoami.${domain}`)).status, 200);
  });
  await eventually("the landing page over HTTPS", async () => {
    assert.equal((await ask(domain)).status, 200);
  });
  await eventually("the redirect over HTTP", async () => {
    assert.equal((await askPlain(domain)).status, 301);
  });
};
