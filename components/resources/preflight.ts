/** Reads of the outside world that may fail: all are done before anything is made, and all failures are told at once. */
import type * as pulumi from "@pulumi/pulumi";
import { edgeError } from "./error";

/** Gathers the reads of one edge. They must be added before the constructors are through. */
export class Preflight {
  private readonly reads: Promise<unknown>[] = [];

  /** Resolves once every read has succeeded. Rejects with one error that has the message of each that has not, each message once. */
  readonly passed: Promise<void> = Promise.resolve().then(async () => {
    const ends = await Promise.allSettled(this.reads);
    const failed = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    const messages = new Set(failed.map(messageOf));
    if (messages.size > 1) throw edgeError([...messages].join("\n"));
    if (failed.length > 0) throw failed[0];
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
