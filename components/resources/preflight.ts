/** Reads of the outside world that may fail: all are done before anything is made, and all failures are told at once. */
import type * as pulumi from "@pulumi/pulumi";
import { edgeError } from "./error";

/** Gathers the reads of one edge. They must be added before the constructors are through. */
export class Preflight {
  private readonly reads: Promise<unknown>[] = [];

  /** Resolves once every read has succeeded. Rejects with one error that has the message of each that has not. */
  readonly passed: Promise<void> = Promise.resolve().then(async () => {
    const ends = await Promise.allSettled(this.reads);
    const errors = new Set(ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : [])));
    const [first, ...others] = errors;
    if (others.length > 0) throw edgeError([...errors].map(messageOf).join("\n"));
    if (first) throw first;
  });

  /** What a resource is given as its `dependsOn` when it must not be made before: the resources named, and nothing of the preflight itself. */
  before(...dependsOn: pulumi.Resource[]): Promise<pulumi.Resource[]> {
    return this.passed.then(() => dependsOn);
  }

  /** Adds a read. What it returns resolves when all others have succeeded, too. */
  add<T>(read: Promise<T>): Promise<T> {
    this.reads.push(read);
    return this.passed.then(() => read);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
