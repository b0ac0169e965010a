/** The edge that most tests look at: put up once, from the committed staging stack as it is. */
import { Stack } from "./stack";

let edge: Promise<Stack> | undefined;

/** The stack, brought up by whoever asks first. */
export const stagingEdge = (): Promise<Stack> => {
  edge ??= (async () => {
    const stack = await Stack.create("staging", "tests");
    await stack.up();
    return stack;
  })();
  return edge;
};

/** The domain of the committed staging stack. */
export const domain = "staging.example.com";
