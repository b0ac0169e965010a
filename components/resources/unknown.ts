/** What a program makes although a preview does not know yet what of. */
import type * as pulumi from "@pulumi/pulumi";
import { containsUnknowns } from "@pulumi/pulumi";

/** The SDK's own `apply`, whose switch is missing from its types: nothing else tells a program that a value is unknown. */
interface WithUnknowns<T> {
  apply<U>(make: (value: T) => U, runWithUnknowns: true): pulumi.Output<U>;
}

/** Calls `make` once in each run: with the value, or with undefined in a preview that does not know it. */
export const knownOrNot = <T, U>(output: pulumi.Output<T>, make: (value: T | undefined) => U): pulumi.Output<U> =>
  (output as WithUnknowns<T>).apply((value) => make(containsUnknowns(value) ? undefined : value), true);
