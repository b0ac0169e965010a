/** An error that shows while the edge is made, in the words it was given. */
import * as pulumi from "@pulumi/pulumi";

/**
 * An error that Pulumi prints without a stack, and once. Its message stays as it is: Pulumi would put "error serializing property" before it
 * anew for every resource that waits for the same value, and bury the cause under a screen of them. It has no stack, which Pulumi would
 * print for an error that comes after the program's own outputs are known.
 */
export const edgeError = (message: string): pulumi.RunError =>
  Object.defineProperties(new pulumi.RunError(message), {
    message: { get: () => message, set: () => {} },
    stack: { value: undefined },
  });
