/** Doing what a finding says. */
import type { Connection } from "../components/standing/connection";
import { CommandError } from "./exit";
import type { Cure } from "./holds";
import { pulumi } from "./pulumi";

/** Where a cure is applied. */
export interface Place {
  cluster: Connection;
  /** Pulumi's option that names the stack. */
  stack: string[];
}

/** Does it; an object that is gone by now needs nothing. */
export const apply = async (cure: Cure, { cluster, stack }: Place): Promise<void> => {
  switch (cure.do) {
    case "take off":
      return takeOff(cluster, cure.object.path, cure.finalizer);
    case "delete":
      return cluster.delete(cure.object.path);
    case "forget":
      return forget(cure.release.urn, stack);
  }
};

/** Takes a finalizer off an object, if it is there. */
export const takeOff = async (cluster: Connection, path: string, finalizer: string): Promise<void> => {
  const index = (await cluster.metadata(path))?.finalizers?.indexOf(finalizer) ?? -1;
  if (index < 0) return;
  const at = `/metadata/finalizers/${index}`;
  await cluster.patch(path, "application/json-patch+json", [
    // Whoever changes the list meanwhile must not lose another one.
    { op: "test", path: at, value: finalizer },
    { op: "remove", path: at },
  ]);
};

/** A refresh sees that the release is gone. `pulumi state delete` would refuse, as others depend on it. */
const forget = async (urn: string, stack: string[]): Promise<void> => {
  const { code, stdout, stderr } = await pulumi("refresh", ...stack, "--target", urn, "--yes", "--skip-preview");
  if (code !== 0) throw new CommandError(`pulumi refresh --target ${urn} failed:\n${stdout}${stderr}`.trimEnd(), code);
};
