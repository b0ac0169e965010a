/** What a program makes although a preview does not know yet what of. */
import * as pulumi from "@pulumi/pulumi";

/** The SDK's own `apply`, whose switch is missing from its types: nothing else tells a program that a value is unknown. */
interface WithUnknowns<T> {
  apply<U>(make: (value: T) => U, runWithUnknowns: true): pulumi.Output<U>;
}

/** Calls `make` once in each run: with the value, or with undefined in a preview that does not know it. */
export const knownOrNot = <T, U>(output: pulumi.Output<T>, make: (value: T | undefined) => U): pulumi.Output<U> =>
  (output as WithUnknowns<T>).apply((value) => make(pulumi.containsUnknowns(value) ? undefined : value), true);

/** The value once it is known, or undefined when a preview cannot know it. */
export const known = <T>(value: pulumi.Input<T> | undefined): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const output = pulumi.output(value) as pulumi.Output<T | undefined> & {
      isKnown: Promise<boolean>;
      promise(): Promise<T | undefined>;
    };
    output.isKnown.then((isKnown) => (isKnown ? output.promise().then(resolve, reject) : resolve(undefined)), reject);
  });

/** An output of what is known only later, or not at all in a preview, where it is undefined. */
export const whenKnown = <T>(value: Promise<T | undefined>): pulumi.Output<T> =>
  pulumi.output(value.then((found) => found ?? (pulumi.unknown as unknown as T))) as pulumi.Output<T>;
