/** Waiting in an `up` until the cluster says that a resource does what it is for, with its own words for the cause when it does not. */
import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../standing/connection";
import { awaited, type Look } from "../standing/wait";
import { edgeError } from "./error";
import { known } from "./unknown";

/** The way to the cluster; undefined in a preview that has none. */
export type Way = Promise<Connection | undefined>;

/** What is waited for. */
export interface Wait<T> {
  look: (cluster: Connection) => Promise<Look<T>>;
  /** Seconds after which it is an error. */
  seconds: number;
  /** The error, of how far it was, and after how long if that is why. */
  problem: (found: string, after: string) => string;
  /** Whether the run goes on without it. */
  optional?: boolean | Promise<boolean>;
}

/** The first failure in each cluster. Pulumi tells of an error at once, but ends a program only when nothing in it waits any more. */
const failures = new WeakMap<Connection, Error>();

/**
 * Waits once the resource is made. In each `up`, whether or not anything changed: the state does not know what has happened since. Pulumi's own
 * waiting knows when a resource is ready, but neither that it never will be nor why. A preview looks once, warns when it is not done, and
 * then knows no value.
 *
 * Errors: the problem, when it has failed or the time is up; and the first other wait's, as soon as that has failed.
 */
export const waited = async <T>(
  resource: pulumi.Resource,
  way: Way,
  { look, seconds, problem, optional }: Wait<T>,
): Promise<T | undefined> => {
  await known(resource.urn);
  const cluster = await way;
  if (!cluster) return undefined;
  if (pulumi.runtime.isDryRun()) {
    const found = await look(cluster);
    if (found && "done" in found) return found.done;
    if (found) pulumi.log.warn(problem("failed" in found ? found.failed : found.waiting, ""), resource);
    return undefined;
  }
  const told = (waiting: string) => void pulumi.log.info(firstLine(waiting), resource, undefined, true);
  const lookOn = async (): Promise<Look<T>> => {
    const failure = failures.get(cluster);
    if (failure) throw failure;
    return look(cluster);
  };
  const end = await awaited(lookOn, { seconds, told });
  if (!("failed" in end)) return end.done;
  const error = edgeError(problem(end.failed, end.after));
  if (!(await optional)) failures.set(cluster, error);
  throw error;
};

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";

/** Whether an error is the one with which the run fails, and told as such. */
export const isFailure = async (way: Way, error: unknown): Promise<boolean> => {
  const cluster = await way;
  return cluster !== undefined && failures.get(cluster) === error;
};
